import { createHash, randomBytes } from 'node:crypto';
import { parseTokenDocument } from '../service/auth/token-document.ts';

export interface NewToken {
  /** Who gets it, 1 to 64 of letters, digits and `_.@:-`. A client may have several, to rotate. */
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Days until it expires, 1–3650. */
  readonly days: number;
  /** Wall clock in epoch milliseconds. */
  readonly now: number;
}

export interface TokenList {
  /** The bearer token itself; nothing keeps it. */
  readonly token: string;
  /** The whole new document for the secret. */
  readonly document: string;
  /** Clients of the entries that had expired and are left out. */
  readonly dropped: readonly string[];
}

/**
 * Makes a token and puts its hash into the list beside those that have not expired.
 *
 * @param current the document in the secret; absent for a list of its own.
 * @throws Error when the service would not accept the current document or the new one.
 */
export function addToken(current: string | undefined, { clientId, scopes, days, now }: NewToken): TokenList {
  const known = current === undefined ? [] : entries(current);
  // Entries of the rotation have no end of their own; it clears them up itself.
  const alive = known.filter(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > now);
  const token = randomBytes(32).toString('base64url');
  const entry = {
    sha256: createHash('sha256').update(token).digest('hex'),
    clientId,
    scopes,
    expiresAt: new Date(now + days * 86_400_000).toISOString(),
  };
  const document = JSON.stringify({ tokens: [...alive, entry] });
  parseTokenDocument(document);
  const dropped = known.filter((one) => !alive.includes(one)).map((one) => one.clientId);
  return { token, document, dropped };
}

/**
 * Takes all tokens of a client that were made by hand out of the list; its declared ones are the rotation's.
 *
 * @throws Error when there is none, or the list is not usable.
 */
export function removeTokens(current: string, clientId: string): string {
  const known = entries(current);
  const left = known.filter((entry) => entry.expiresAt === undefined || entry.clientId !== clientId);
  if (left.length === known.length) throw new Error(`the list has no token of ${clientId} made by hand`);
  return JSON.stringify({ tokens: left });
}

interface Entry {
  readonly clientId: string;
  /** Absent in an entry of the rotation. */
  readonly expiresAt?: string;
}

/** The entries as they are, once the service's own parser has accepted them. */
function entries(document: string): readonly Entry[] {
  parseTokenDocument(document);
  return (JSON.parse(document) as { tokens: Entry[] }).tokens;
}
