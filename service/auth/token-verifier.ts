/** A person, as the issuer of a token names them. */
export interface User {
  /** `iss` of the token. */
  readonly issuer: string;
  /** `sub` of the token: unique at the issuer, for one client in case the issuer makes it pairwise. */
  readonly subject: string;
}

/** The caller, as established by authentication. */
export interface Principal {
  readonly clientId: string;
  /** The person for whom the client calls. @default - the token names none */
  readonly user?: User | undefined;
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
