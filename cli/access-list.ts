import {
  DENIABLE,
  type Deniable,
  type DeniedEntry,
  MAX_ACCESS_BYTES,
  MAX_DENIED,
  parseAccessDocument,
} from '../service/auth/access-document.ts';

/** The words of the command line, and the kinds of the document that they mean. */
export const KINDS = {
  user: 'users',
  client: 'clients',
  tool: 'tools',
  version: 'protocolVersions',
} as const satisfies Record<string, Deniable>;
export type Kind = keyof typeof KINDS;

/** The lasting way to deny. The list is for the time until then, so a full list has entries that are no longer needed. */
const FOR_GOOD: Readonly<Record<Kind, string>> = {
  user: 'disable the account at the identity provider, or expire its tokens with npm run tokens',
  client:
    'remove the client at the identity provider or from secrets.clients, or expire its tokens with npm run tokens',
  tool: 'leave the tool out of the stage’s tools',
  version: 'set task.minimumProtocolVersion',
};

/** One entry with its kind, for display. */
export interface ListedDenial extends DeniedEntry {
  readonly kind: Kind;
}

/**
 * Adds an entry, or replaces the one with its id. Entries that have ended are removed.
 *
 * @param now wall clock in epoch milliseconds
 * @throws Error when the service would not accept the current or the new document
 */
export function deny(current: string, kind: Kind, entry: DeniedEntry, now: number): string {
  return edit(current, kind, now, (entries) => [...entries.filter(({ id }) => id !== entry.id), entry]);
}

/**
 * Removes an entry. Entries that have ended are removed too.
 *
 * @throws Error when there is no such entry, so that a misspelled id is not mistaken for an end of the denial
 */
export function allow(current: string, kind: Kind, id: string, now: number): string {
  return edit(current, kind, now, (entries) => {
    const left = entries.filter((entry) => entry.id !== id);
    if (left.length === entries.length) throw new Error(`the list does not deny the ${kind} ${id}`);
    return left;
  });
}

/** Every entry, also those that have ended. @throws Error when the list is not usable */
export function listDenials(current: string): readonly ListedDenial[] {
  const { deny: denied } = parseAccessDocument(current);
  return (Object.keys(KINDS) as Kind[]).flatMap((kind) =>
    denied[KINDS[kind]].map((entry) => ({ kind, ...entry })),
  );
}

function edit(
  current: string,
  kind: Kind,
  now: number,
  change: (entries: readonly DeniedEntry[]) => readonly DeniedEntry[],
): string {
  const { deny: denied } = parseAccessDocument(current);
  const changed = { ...denied, [KINDS[kind]]: change(denied[KINDS[kind]]) };
  const inForce = ({ expiresAt }: DeniedEntry) => expiresAt === undefined || Date.parse(expiresAt) > now;
  const left = DENIABLE.map((one) => [one, changed[one].filter(inForce)] as const);
  const text = JSON.stringify({ deny: Object.fromEntries(left) });
  refuseTooLarge(text, kind, changed[KINDS[kind]].filter(inForce).length);
  parseAccessDocument(text);
  return text;
}

/** @throws Error that names the way on, before the store or a task refuses the list */
function refuseTooLarge(text: string, kind: Kind, entries: number): void {
  const bytes = Buffer.byteLength(text);
  const problem =
    entries > MAX_DENIED
      ? `${entries} entries of the kind ${kind}, and ${MAX_DENIED} are the most`
      : bytes > MAX_ACCESS_BYTES && `${bytes} bytes, and ${MAX_ACCESS_BYTES} are the most`;
  if (problem) {
    throw new Error(
      `the list would have ${problem}. Deny for good what is in it, and allow it here: ${FOR_GOOD[kind]}. ` +
        'Entries with --expires leave the list by themselves',
    );
  }
}
