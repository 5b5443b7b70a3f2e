/** The person for whom a client acts: identifiers only, no e-mail address and no name. */
export interface User {
  /** Issuer of the token, or `tokens` for the token list. */
  readonly issuer: string;
  /** Identifier at that issuer, 1–128 printable ASCII characters: see service/auth/user.ts. */
  readonly subject: string;
}

/** The caller, as established by authentication. */
export interface Principal {
  readonly clientId: string;
  /** @default - the client acts for itself */
  readonly user?: User | undefined;
  readonly scopes: ReadonlySet<string>;
}

/**
 * Key of the caller for limits and fair shares: the user of a client, or the client itself. A client id contains no
 * blank, so no client id is equal to the key of a user.
 */
export function callerOf({ clientId, user }: Principal): string {
  return user === undefined ? clientId : `${clientId} ${user.subject}`;
}

/** Verifies a token. Implemented by a list of hashes and by an OAuth issuer. */
export interface TokenVerifier {
  /**
   * @throws ServiceError `token_invalid` with the reason for the audit record; `secret_unavailable` or
   * `issuer_unavailable` when this server, not the token, is at fault
   */
  verify(token: string): Promise<Principal>;
}
