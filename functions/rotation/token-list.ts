import { parseTokenDocument } from '../../service/auth/token-document.ts';

/** One token of a client in the list. */
export interface TokenVersion {
  readonly sha256: string;
  readonly expiresAt: string;
  /** Version of the client's secret that holds the token. */
  readonly versionId?: string;
}

/** The entry of a declared client. Administrators' entries have another form, which is never changed here. */
export interface RotatedEntry {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly current: TokenVersion;
  readonly previous?: TokenVersion | readonly TokenVersion[];
}

/**
 * A repeated step does not write the list again only for a later end, unless the end is this much later, in
 * milliseconds.
 */
const SAME_END_MS = 86_400_000;

/** Adds a new token of a client before its existing ones, none of which expires sooner. */
export function publish(
  document: string,
  token: Required<TokenVersion>,
  { clientId, scopes, now }: { clientId: string; scopes: readonly string[]; now: number },
): string {
  return edit(document, (entries) => {
    const mine = entries.filter((entry) => isOf(entry, clientId));
    const all = mine.flatMap(versionsOf);
    const isToken = ({ sha256 }: TokenVersion) => sha256 === token.sha256;
    const known = all.find(
      (one) => isToken(one) && Date.parse(one.expiresAt) > Date.parse(token.expiresAt) - SAME_END_MS,
    );
    const others = all.filter((one) => !isToken(one));
    const entry = entryOf({ clientId, scopes, current: known ?? token }, others, now);
    if (mine.length === 0) return [...entries, entry];
    // In its place, so that the same token changes nothing.
    return entries.flatMap((one) => (one === mine[0] ? [entry] : isOf(one, clientId) ? [] : [one]));
  });
}

/**
 * Once a client's current version is `versionId`, limits its earlier tokens to `graceMs` from now. Does nothing until
 * then, or if the list does not have that version as the current one.
 */
export function retire(
  document: string,
  clientId: string,
  { versionId, graceMs, now }: { versionId: string; graceMs: number; now: number },
): string {
  const end = new Date(now + graceMs).toISOString();
  return mapOf(document, clientId, (entry) => {
    if (entry.current.versionId !== versionId) return entry;
    const previous = previousOf(entry).map((version) =>
      Date.parse(version.expiresAt) > Date.parse(end) ? { ...version, expiresAt: end } : version,
    );
    return entryOf(entry, previous, now);
  });
}

/** Removes all tokens of a client except the current one. */
export function revokePrevious(document: string, clientId: string): string {
  return mapOf(document, clientId, (entry) => entryOf(entry, [], 0));
}

/** Removes the entries of undeclared clients, and updates the scopes of the others. */
export function reconcile(
  document: string,
  scopesOf: (clientId: string) => readonly string[] | undefined,
): string {
  return edit(document, (entries) =>
    entries.flatMap((entry) => {
      if (!isRotated(entry)) return [entry];
      const scopes = scopesOf(entry.clientId);
      return scopes === undefined ? [] : [{ ...entry, scopes }];
    }),
  );
}

/** The tokens of a declared client, the current one first. @throws Error when the document is not usable */
export function versions(document: string, clientId: string): readonly TokenVersion[] {
  return entriesOf(document)
    .filter((entry) => isOf(entry, clientId))
    .flatMap(versionsOf);
}

/** Whether an entry has the rotation's form, not an administrator's. */
function isRotated(entry: unknown): entry is RotatedEntry {
  return Object.hasOwn(Object(entry), 'current');
}

function entryOf(
  { clientId, scopes, current }: RotatedEntry,
  previous: readonly TokenVersion[],
  now: number,
): RotatedEntry {
  const alive = previous.filter(({ expiresAt }) => Date.parse(expiresAt) > now);
  return { clientId, scopes, current, ...(alive.length > 0 && { previous: alive }) };
}

function mapOf(document: string, clientId: string, change: (entry: RotatedEntry) => RotatedEntry): string {
  return edit(document, (entries) => entries.map((entry) => (isOf(entry, clientId) ? change(entry) : entry)));
}

/** The changed document, with everything else as it was; the same text if nothing changed. */
function edit(document: string, change: (entries: readonly unknown[]) => readonly unknown[]): string {
  const entries = entriesOf(document);
  const changed = change(entries);
  if (JSON.stringify(changed) === JSON.stringify(entries)) return document;
  const text = JSON.stringify({ ...JSON.parse(document), tokens: changed });
  parseTokenDocument(text);
  return text;
}

/** The unchanged entries, once the service's own parser has accepted them: an unusable list is not overwritten. */
function entriesOf(document: string): readonly unknown[] {
  parseTokenDocument(document);
  return (JSON.parse(document) as { tokens: unknown[] }).tokens;
}

function isOf(entry: unknown, clientId: string): entry is RotatedEntry {
  return isRotated(entry) && entry.clientId === clientId;
}

function previousOf({ previous = [] }: RotatedEntry): readonly TokenVersion[] {
  return [previous].flat();
}

function versionsOf(entry: RotatedEntry): readonly TokenVersion[] {
  return [entry.current, ...previousOf(entry)];
}
