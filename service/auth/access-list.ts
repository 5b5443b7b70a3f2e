import { ServiceError } from '../errors.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import type { DatedSecret } from '../secrets/secret-cache.ts';
import { DENIABLE, type Deniable, type DeniedEntry, parseAccessDocument } from './access-document.ts';
import type { Principal } from './token-verifier.ts';

/** Users, clients, tools and protocol versions that are denied although their token is good. */
export interface AccessList {
  /** Whether an entry is in force. One lookup in a map. */
  isDenied(kind: Deniable, id: string): boolean;
  /** @throws ServiceError `access_denied` when an entry is in force */
  check(kind: Deniable, id: string): void;
}

/** The list of a server that has none. */
export const EVERYTHING_ALLOWED: AccessList = { isDenied: () => false, check: () => {} };

/** @throws ServiceError `access_denied` when the client or its user is denied */
export function checkCaller(access: AccessList, { clientId, user }: Principal): void {
  access.check('clients', clientId);
  if (user !== undefined) access.check('users', user.subject);
}

export interface AccessListOptions {
  /** The document's text and when it was read. While none can be read, the last one. */
  readonly document: () => Promise<DatedSecret>;
  /** Wall clock in epoch milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** An access list that can be read again. */
export interface StoredAccessList extends AccessList {
  /** Reads the document again. Never rejects: what is in force stays in force. */
  refresh(): Promise<void>;
}

/**
 * Pause between two reads of the list, in milliseconds. With the timeout of a read (`STORE_TIMEOUT_MS`, with a retry within
 * it) a change is in force after 23 s at most: below the 30 s that the documentation promises.
 */
export const ACCESS_REFRESH_MS = 20_000;

interface InForce {
  readonly reason: string | undefined;
  /** Epoch milliseconds; infinite without an end. */
  readonly expiresAt: number;
}

type Denied = Readonly<Record<Deniable, ReadonlyMap<string, InForce>>>;

/** The kinds that a refusal names. A refused caller does not learn whether it is the user or the client. */
const SHOWN: Partial<Record<Deniable, string>> = { tools: 'tool', protocolVersions: 'protocol version' };
const SINGULAR: Readonly<Record<Deniable, string>> = {
  users: 'user',
  clients: 'client',
  tools: 'tool',
  protocolVersions: 'protocol version',
};

/**
 * Reads the list for the first time. Requests never wait for the store: each looks only at the last good document. A
 * later document that is unusable is logged as `access_list_invalid`, one that cannot be read as `secret_refresh_failed`,
 * and the last good one stays in force however old it is: an outage must not end a denial. A new
 * document is logged as `access_list_changed`.
 *
 * @throws the error of `document`, or Error when the first document is unusable: with nothing denied, every new task
 * would accept those who were cut off
 */
export async function createAccessList({
  document,
  now,
  logger,
}: AccessListOptions): Promise<StoredAccessList> {
  let latest = await document();
  /** Text of the document in force. */
  let text = latest.value;
  let denied = index(text);

  const find = (kind: Deniable, id: string) => {
    const entry = denied[kind].get(id);
    return entry !== undefined && entry.expiresAt > now() ? entry : undefined;
  };

  return {
    isDenied: (kind, id) => find(kind, id) !== undefined,
    check(kind, id) {
      const entry = find(kind, id);
      if (entry === undefined) return;
      const shown = SHOWN[kind];
      throw new ServiceError('access_denied', {
        reason: `${SINGULAR[kind]} denied${entry.reason === undefined ? '' : `: ${entry.reason}`}`,
        detail: shown && `${shown} ${id}`,
      });
    },
    async refresh() {
      try {
        const reading = await document();
        if (reading === latest) return;
        latest = reading;
        if (reading.value === text) return;
        denied = index(reading.value);
        text = reading.value;
        logger.warn('access_list_changed', counts(denied));
      } catch (error) {
        logger.error('access_list_invalid', describeError(error));
      }
    },
  };
}

function index(text: string): Denied {
  const { deny } = parseAccessDocument(text);
  const { users, clients, tools, protocolVersions } = deny;
  return {
    users: byId(users),
    clients: byId(clients),
    tools: byId(tools),
    protocolVersions: byId(protocolVersions),
  };
}

/** Of several entries with one id, the last to end. */
function byId(entries: readonly DeniedEntry[]): ReadonlyMap<string, InForce> {
  const all = entries.map(({ id, reason, expiresAt }) => {
    const end = expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
    return [id, { reason, expiresAt: end }] as const;
  });
  return new Map(all.toSorted(([, one], [, other]) => (one.expiresAt < other.expiresAt ? -1 : 1)));
}

function counts(denied: Denied): Record<Deniable, number> {
  const sizes = DENIABLE.map((kind) => [kind, denied[kind].size] as const);
  return Object.fromEntries(sizes) as Record<Deniable, number>;
}
