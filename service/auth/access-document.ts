import * as z from 'zod';
import { checkStored, parseStored, unusable } from './stored-document.ts';
import { IDENTIFIER } from './user.ts';

const WHAT = 'the access list';

/** The kinds of things that the list denies. */
export const DENIABLE = ['users', 'clients', 'tools', 'protocolVersions'] as const;
export type Deniable = (typeof DENIABLE)[number];

/** Largest document in bytes: the longest value that Secrets Manager stores. */
export const MAX_ACCESS_BYTES = 65_536;
/** Most entries of one kind. The smallest document with more would be a sign of a program that adds entries by mistake. */
export const MAX_DENIED = 500;

const printable = (max: number) =>
  z.string().regex(new RegExp(`^[\\x21-\\x7e]{1,${max}}$`), `must be 1 to ${max} printable ASCII characters`);

/** The recorded form of each: `userId`, `clientId`, `tool` and `protocolVersion` of audit records. */
const IDS = {
  users: z
    .string()
    .regex(
      IDENTIFIER,
      'must be a userId of the audit records: 1 to 128 printable ASCII characters without @',
    ),
  clients: printable(512),
  tools: printable(128),
  protocolVersions: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a revision such as 2025-11-25'),
} as const satisfies Record<Deniable, z.ZodType<string>>;

function entryOf(id: z.ZodType<string>) {
  return z.strictObject({
    id,
    /** For the audit record of each refusal and for other administrators; clients do not see it. */
    reason: z
      .string()
      .regex(/^[^\p{C}]{1,200}$/u, 'must be 1 to 200 characters on one line')
      .optional(),
    /** The entry ends at this instant. @default - it is in force until it is removed */
    expiresAt: z.iso.datetime({ offset: true }).optional(),
  });
}

/** The rules of an entry of each kind. */
export const ENTRIES = {
  users: entryOf(IDS.users),
  clients: entryOf(IDS.clients),
  tools: entryOf(IDS.tools),
  protocolVersions: entryOf(IDS.protocolVersions),
} as const satisfies Record<Deniable, z.ZodType>;

const many = <T extends z.ZodType>(entry: T) => z.array(entry).max(MAX_DENIED).default([]);

const AccessDocument = z.strictObject({
  deny: z.strictObject({
    users: many(ENTRIES.users),
    clients: many(ENTRIES.clients),
    tools: many(ENTRIES.tools),
    protocolVersions: many(ENTRIES.protocolVersions),
  }),
});

export type AccessDocument = z.output<typeof AccessDocument>;
/** A user, a client, a tool or a protocol version that is denied. */
export type DeniedEntry = AccessDocument['deny'][Deniable][number];

/** A document that denies nothing: the initial value of the secret. */
export const NOTHING_DENIED = JSON.stringify({ deny: {} });

/**
 * Parses the document `{"deny":{"users":[…],"clients":[…],"tools":[…],"protocolVersions":[…]}}` with entries
 * `{"id","reason","expiresAt"}`, of which only `id` is required.
 *
 * @throws Error naming the entry by its position and the rule it breaks
 */
export function parseAccessDocument(text: string): AccessDocument {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_ACCESS_BYTES)
    throw unusable(WHAT, [], `must have at most ${MAX_ACCESS_BYTES} bytes, got ${bytes}`);
  return checkStored(WHAT, AccessDocument, parseStored(WHAT, text));
}
