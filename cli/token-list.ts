import { createHash, randomBytes } from 'node:crypto';
import type { RotatedEntry } from '../functions/rotation/token-list.ts';
import { parseTokenDocument } from '../service/auth/token-document.ts';

export interface NewToken {
  /** Client that gets the token, 1 to 64 letters, digits and `_.@:-`. */
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Days until the token expires, 1–3650. */
  readonly days: number;
  /** Wall clock in epoch milliseconds. */
  readonly now: number;
}

export interface Ending {
  readonly clientId: string;
  /** Hours that the tokens stay valid, 0–720; with 0 they are removed from the list, whatever a task's clock says. */
  readonly hours: number;
  /** Wall clock in epoch milliseconds. */
  readonly now: number;
}

export interface TokenList {
  /** The bearer token itself; it is not stored. */
  readonly token: string;
  /** The complete new document for the secret. */
  readonly document: string;
  /** Clients whose expired entries were removed. */
  readonly dropped: readonly string[];
}

/** A token without its hash, for display. */
export interface ListedToken {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string;
  readonly madeBy: 'hand' | 'rotation';
}

/** The initial value of the secret. */
export const EMPTY_LIST = JSON.stringify({ tokens: [] });

/**
 * Makes a token and adds its hash to the list; expired entries are removed.
 *
 * @throws Error when the client already has one, or the service would not accept the current or the new document
 */
export function addToken(current: string, made: NewToken): TokenList {
  if (entries(current).some((entry) => isAlive(entry, made)))
    throw new Error(`${made.clientId} already has a token; rotate it`);
  return append(current, made);
}

/**
 * Makes a new token for a client with the scopes of its last one, and expires the old ones.
 *
 * @throws Error when it has none, or the list is not usable
 */
export function rotateToken(
  current: string,
  { days, ...ending }: Ending & { readonly days: number },
): TokenList {
  const last = entries(current).findLast((entry) => isAlive(entry, ending));
  if (last === undefined) throw noToken(ending.clientId);
  const { clientId, scopes } = last;
  return append(expireTokens(current, ending), { clientId, scopes, days, now: ending.now });
}

/**
 * Expires a client's manually created tokens; rotated ones belong to the rotation. No token's lifetime is extended.
 *
 * @throws Error when it has none, so that a misspelled name is not mistaken for a revocation, or when the list is not
 * usable
 */
export function expireTokens(current: string, { clientId, hours, now }: Ending): string {
  const end = new Date(now + hours * 3_600_000).toISOString();
  let ended = 0;
  const left = entries(current).flatMap((entry) => {
    if (!isByHand(entry) || entry.clientId !== clientId) return [entry];
    ended += 1;
    if (hours === 0) return [];
    return Date.parse(entry.expiresAt) > Date.parse(end) ? [{ ...entry, expiresAt: end }] : [entry];
  });
  if (ended === 0) throw noToken(clientId);
  return withEntries(current, left);
}

/** The tokens of the list, with their clients. @throws Error when the list is not usable */
export function listTokens(current: string): readonly ListedToken[] {
  return entries(current).flatMap((entry): ListedToken[] => {
    const { clientId, scopes } = entry;
    if (isByHand(entry)) return [{ clientId, scopes, expiresAt: entry.expiresAt, madeBy: 'hand' }];
    return [entry.current, entry.previous ?? []]
      .flat()
      .map(({ expiresAt }) => ({ clientId, scopes, expiresAt, madeBy: 'rotation' }));
  });
}

interface EntryByHand {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string;
}

type Entry = EntryByHand | RotatedEntry;

function append(current: string, { clientId, scopes, days, now }: NewToken): TokenList {
  const known = entries(current);
  // The rotation removes its own entries.
  const dropped = known.filter((entry) => isByHand(entry) && Date.parse(entry.expiresAt) <= now);
  const token = randomBytes(32).toString('base64url');
  const entry = {
    sha256: createHash('sha256').update(token).digest('hex'),
    clientId,
    scopes,
    expiresAt: new Date(now + days * 86_400_000).toISOString(),
  };
  const alive = known.filter((one) => !dropped.includes(one));
  const document = withEntries(current, [...alive, entry]);
  return { token, document, dropped: dropped.map((one) => one.clientId) };
}

/** The unchanged entries, once the service's own parser has accepted them. */
function entries(document: string): readonly Entry[] {
  parseTokenDocument(document);
  return (JSON.parse(document) as { tokens: Entry[] }).tokens;
}

function withEntries(document: string, tokens: readonly Entry[]): string {
  const changed = JSON.stringify({ ...JSON.parse(document), tokens });
  parseTokenDocument(changed);
  return changed;
}

function isByHand(entry: Entry): entry is EntryByHand {
  return !Object.hasOwn(entry, 'current');
}

function isAlive(
  entry: Entry,
  { clientId, now }: { readonly clientId: string; readonly now: number },
): boolean {
  return isByHand(entry) && entry.clientId === clientId && Date.parse(entry.expiresAt) > now;
}

function noToken(clientId: string): Error {
  return new Error(
    `the list has no manually created token of ${clientId}; rotated tokens are replaced by \`aws secretsmanager rotate-secret\``,
  );
}
