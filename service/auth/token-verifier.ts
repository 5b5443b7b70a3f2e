/** The caller, as established by authentication. */
export interface Principal {
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
}

/** Verifies a token. Implemented by a list of hashes and by an OAuth issuer. */
export interface TokenVerifier {
  /**
   * @throws ServiceError `token_invalid` with the reason for the audit record; `secret_unavailable` or
   * `issuer_unavailable` when this server, not the token, is at fault
   */
  verify(token: string): Promise<Principal>;
}
