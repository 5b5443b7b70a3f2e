/** Who calls, as established by authentication. */
export interface Principal {
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
}

/** Knows whether a token is good. Narrow on purpose: a list of hashes or an OAuth issuer stands behind it. */
export interface TokenVerifier {
  /**
   * @throws ServiceError `token_invalid` with the reason for the audit record; `secret_unavailable` or
   * `issuer_unavailable` when this server, not the token, is at fault
   */
  verify(token: string): Promise<Principal>;
}
