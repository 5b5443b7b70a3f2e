import { parseTokenDocument } from '../../service/auth/token-document.ts';

/** One token of a client, as the list knows it. */
export interface TokenVersion {
  readonly sha256: string;
  readonly expiresAt: string;
  /** Version of the client's secret that holds the token. */
  readonly versionId?: string;
}

/** The entry of a declared client. People write another form, which is never touched here. */
export interface RotatedEntry {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly current: TokenVersion;
  readonly previous?: TokenVersion | readonly TokenVersion[];
}

/** A step that is run again does not write again for the sake of a later end, unless that is so much later. */
const SAME_END_MS = 86_400_000;

/** Puts a new token of a client in front of those it has; none of them ends any sooner. */
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
    return [...entries.filter((one) => !isOf(one, clientId)), entry];
  });
}

/**
 * Once a client reads the version `versionId` of its secret, gives what it read before `graceMs` from now at most.
 * Until then, and if the list does not have that version as the current one, nothing changes.
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

/** Takes every token of a client but the current one away. */
export function revokePrevious(document: string, clientId: string): string {
  return mapOf(document, clientId, (entry) => entryOf(entry, [], 0));
}

/** Drops the entries of clients that are not declared any more, and gives the others the scopes they have now. */
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

/** Whether an entry has the form of the rotation, not that of people. */
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

/** The changed document, in which everything else is as it was; the same text when nothing changed. */
function edit(document: string, change: (entries: readonly unknown[]) => readonly unknown[]): string {
  const entries = entriesOf(document);
  const changed = change(entries);
  if (JSON.stringify(changed) === JSON.stringify(entries)) return document;
  const text = JSON.stringify({ ...JSON.parse(document), tokens: changed });
  parseTokenDocument(text);
  return text;
}

/** The entries as they are, once the service's own parser has accepted them: what it refuses is not overwritten. */
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
