import { createHash, randomBytes } from 'node:crypto';
import type { RotatedEntry } from '../functions/rotation/token-list.ts';
import { parseTokenDocument } from '../service/auth/token-document.ts';

interface Holder {
  /** Client of the token, 1 to 64 letters, digits and `_.@:-`. */
  readonly clientId: string;
  /** Person who uses it, 1 to 128 letters, digits and `_.|:-`. @default - a token of the client itself */
  readonly userId?: string | undefined;
}

export interface NewToken extends Holder {
  readonly scopes: readonly string[];
  /** Days until the token expires, 1–3650. */
  readonly days: number;
  /** Wall clock in epoch milliseconds. */
  readonly now: number;
}

export interface Ending extends Holder {
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
  /** Clients and users whose expired entries were removed. */
  readonly dropped: readonly string[];
}

/** A token without its hash, for display. */
export interface ListedToken extends Holder {
  readonly scopes: readonly string[];
  readonly expiresAt: string;
  readonly madeBy: 'administrator' | 'rotation';
}

/**
 * Largest size of the manually created entries in Secrets Manager, as JSON: about 310 tokens. Of the 65,536 bytes that
 * it stores, 16 KiB are for the rotation: 30 declared clients with one replaced token each.
 */
export const MAX_MANUAL_BYTES = 49_152;

/** Lets a changed list pass to Secrets Manager. @throws Error when its manually created entries have become too large */
export function leaveRoomForRotation(changed: string, before: string): string {
  const bytes = manualBytes(changed);
  if (bytes > MAX_MANUAL_BYTES && bytes > manualBytes(before))
    throw new Error(
      `the manually created tokens would have ${bytes} bytes, and ${MAX_MANUAL_BYTES} are the most: the rest of the secret ` +
        'is for the rotation. Expire tokens that are not used; for more clients, use an issuer (docs/identity-providers.md)',
    );
  return changed;
}

function manualBytes(document: string): number {
  return Buffer.byteLength(JSON.stringify(entries(document).filter(isManual)));
}

/** The initial value of the secret. */
export const EMPTY_LIST = JSON.stringify({ tokens: [] });

/**
 * Makes a token and adds its hash to the list; expired entries are removed.
 *
 * @throws Error when the client, or the user, already has one, or the service would not accept the current or the new document
 */
export function addToken(current: string, made: NewToken): TokenList {
  if (entries(current).some((entry) => isAlive(entry, made)))
    throw new Error(`${nameOf(made)} already has a token; rotate it`);
  return append(current, made);
}

/**
 * Makes a new token for a client, or for a user of it, with the scopes of the last one, and expires the old ones.
 *
 * @throws Error when it has none, or the list is not usable
 */
export function rotateToken(
  current: string,
  { days, ...ending }: Ending & { readonly days: number },
): TokenList {
  const last = entries(current).findLast((entry): entry is ManualEntry => isAlive(entry, ending));
  if (last === undefined) throw noToken(ending);
  const { clientId, userId, scopes } = last;
  const expired = expire(current, ending, (entry) => isOf(entry, ending));
  return append(expired, { clientId, userId, scopes, days, now: ending.now });
}

/**
 * Expires the manually created tokens of a client with all its users, or of one user; rotated ones belong to the rotation.
 * No token's lifetime is extended.
 *
 * @throws Error when it has none, so that a misspelled name is not mistaken for a revocation, or when the list is not
 * usable
 */
export function expireTokens(current: string, ending: Ending): string {
  const { clientId, userId } = ending;
  return expire(current, ending, (entry) =>
    userId === undefined ? entry.clientId === clientId : isOf(entry, ending),
  );
}

function expire(current: string, ending: Ending, ends: (entry: ManualEntry) => boolean): string {
  const { hours, now } = ending;
  const end = new Date(now + hours * 3_600_000).toISOString();
  let ended = 0;
  const left = entries(current).flatMap((entry) => {
    if (!isManual(entry) || !ends(entry)) return [entry];
    ended += 1;
    if (hours === 0) return [];
    return Date.parse(entry.expiresAt) > Date.parse(end) ? [{ ...entry, expiresAt: end }] : [entry];
  });
  if (ended === 0) throw noToken(ending);
  return withEntries(current, left);
}

/** The tokens of the list, with their clients. @throws Error when the list is not usable */
export function listTokens(current: string): readonly ListedToken[] {
  return entries(current).flatMap((entry): ListedToken[] => {
    const { clientId, scopes } = entry;
    if (isManual(entry)) {
      const { userId, expiresAt } = entry;
      return [{ clientId, userId, scopes, expiresAt, madeBy: 'administrator' }];
    }
    return [entry.current, entry.previous ?? []]
      .flat()
      .map(({ expiresAt }) => ({ clientId, scopes, expiresAt, madeBy: 'rotation' }));
  });
}

interface ManualEntry extends Holder {
  readonly scopes: readonly string[];
  readonly expiresAt: string;
}

type Entry = ManualEntry | RotatedEntry;

function append(current: string, { clientId, userId, scopes, days, now }: NewToken): TokenList {
  const known = entries(current);
  // The rotation removes its own entries.
  const dropped = known.filter((entry) => isManual(entry) && Date.parse(entry.expiresAt) <= now);
  const token = randomBytes(32).toString('base64url');
  const entry = {
    sha256: createHash('sha256').update(token).digest('hex'),
    clientId,
    ...(userId === undefined ? {} : { userId }),
    scopes,
    expiresAt: new Date(now + days * 86_400_000).toISOString(),
  };
  const alive = known.filter((one) => !dropped.includes(one));
  const document = withEntries(current, [...alive, entry]);
  return { token, document, dropped: dropped.map(nameOf) };
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

function isManual(entry: Entry): entry is ManualEntry {
  return !Object.hasOwn(entry, 'current');
}

function isOf(entry: Holder, { clientId, userId }: Holder): boolean {
  return entry.clientId === clientId && entry.userId === userId;
}

function isAlive(entry: Entry, holder: Holder & { readonly now: number }): entry is ManualEntry {
  return isManual(entry) && isOf(entry, holder) && Date.parse(entry.expiresAt) > holder.now;
}

/** The client, and the user if the token is of one. */
export function nameOf({ clientId, userId }: Holder): string {
  return userId === undefined ? clientId : `${clientId} user ${userId}`;
}

function noToken(holder: Holder): Error {
  return new Error(
    `the list has no manually created token of ${nameOf(holder)}; rotated tokens are replaced by \`aws secretsmanager rotate-secret\``,
  );
}
