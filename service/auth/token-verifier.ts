/** Who calls, as established by authentication. */
export interface Principal {
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
}

/** Knows whether a token is good. Narrow on purpose: hashed tokens today, an OAuth issuer's tomorrow. */
export interface TokenVerifier {
  /**
   * @throws ServiceError `token_invalid` with the reason for the audit record; `secret_unavailable` when this
   * server, not the token, is at fault
   */
  verify(token: string): Promise<Principal>;
}
