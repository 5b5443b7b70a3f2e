import { createSecretKey, type KeyObject } from 'node:crypto';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { MIN_AUDIT_KEY_BYTES, type SignedRecord, verifyRecord } from '../../service/logging/audit-chain.ts';
import { describeError, type Logger } from '../../service/logging/logger.ts';
import type { AuditCheckEnvironment } from './environment.ts';
import { findBefore, type Log, type Part, partsOf, readPart } from './records.ts';
import { type Breakage, join, noteFirst, PartCheck } from './stream-check.ts';

const MINUTE_MS = 60_000;
/** Time range of one run: longer than the ten minutes between two runs, so that a line delivered late is not missed. */
const WINDOW_MS = 12 * MINUTE_MS;
/** Time for the log driver to deliver written lines. */
const DELIVERY_MS = 5 * MINUTE_MS;
/** Length of the parts that are read beside each other. */
const PART_MS = MINUTE_MS;
/** Requests at a time. At 0.4 s for a page of 1 MB that is 10 MB/s, the quota of most regions (docs/scale.md). */
const READERS = 4;
/** Streams that a run reports; the rest is counted. */
const MAX_REPORTED = 100;

export interface HandlerOptions extends AuditCheckEnvironment {
  readonly logs: CloudWatchLogsClient;
  readonly secrets: SecretsManagerClient;
  /** Wall clock in epoch milliseconds. */
  readonly now: () => number;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  /** Time after which no further page is requested, in milliseconds; below the function's timeout. @default 480000 */
  readonly maxMs?: number;
  readonly logger: Logger;
}

/** The start of a run: the schedule's event, whose time a late run uses, or a person who repeats a run. */
export interface CheckEvent {
  /** End of the checked window plus five minutes, in ISO 8601. @default - now */
  readonly time?: unknown;
}

/** The function. A broken chain is logged as `audit_chain_broken`; a run that could not check everything fails. */
export function createHandler(options: HandlerOptions): (event?: CheckEvent) => Promise<void> {
  return async (event) => {
    try {
      await run(options, event);
    } catch (error) {
      options.logger.error('audit_check_failed', describeError(error));
      // The runtime logs errors unredacted, so the message contains no more than this.
      throw new Error('the check failed; see the line audit_check_failed');
    }
  };
}

async function run(options: HandlerOptions, event: CheckEvent | undefined): Promise<void> {
  const { logger } = options;
  const window = windowOf(event, options.now());
  const key = await readKey(options);
  const log = { client: options.logs, logGroupName: options.logGroupName };
  const { parts, complete, failures } = await readWindow(options, log, window, key);
  const broken = new Map<string, Breakage>();
  for (const part of parts) for (const [stream, found] of part.broken) noteFirst(broken, stream, found);
  // A gap is judged only where nothing before it was left unread.
  const { begunBefore, streams } = join(parts.slice(0, complete), broken);
  const unread =
    complete < parts.length ? [`all after the first ${complete} of ${parts.length} minutes`] : [];
  await inParallel(begunBefore, async ([stream, { first, prev }]) => {
    const matches = (line: string) => isRecord(verifyRecord(line, key), first - 1, prev);
    const found =
      failures.length > 0 ? undefined : await findBefore(log, { stream, before: window.from, matches });
    if (found === undefined) unread.push(`the earlier records of ${legible(stream)}`);
    if (found === false) broken.set(stream, { seq: first, problem: `the record before ${first} is missing` });
  });
  for (const [stream, breakage] of [...broken].slice(0, MAX_REPORTED))
    logger.error('audit_chain_broken', { stream: legible(stream), ...breakage });
  const [start, end] = [window.from, window.until + 1].map((ms) => new Date(ms).toISOString());
  const records = parts.reduce((sum, part) => sum + part.records, 0);
  logger.info('audit_chain_checked', { records, streams, broken: broken.size, start, end });
  if (failures.length > 0) throw failures[0];
  if (unread.length > 0)
    throw new Error(`the log from ${start} to ${end} was not read: ${unread.slice(0, 10).join(', ')}`);
}

/** The last ten minutes before a time, which delivery has completed, and two more. */
function windowOf(event: CheckEvent | undefined, now: number): Part {
  const time = String(event?.time);
  const given = /^\d{4}-\d\d-\d\dT/.test(time) ? Date.parse(time) : Number.NaN;
  // Also false when it is no time.
  const end = (given <= now ? given : now) - DELIVERY_MS;
  return { from: end - WINDOW_MS, until: end - 1 };
}

interface ReadWindow {
  /** The checked records, by minute. */
  readonly parts: readonly PartCheck[];
  /** How many of them, from the first on, were read to their end. */
  readonly complete: number;
  /** Errors of CloudWatch Logs, after which no further page was requested. */
  readonly failures: readonly unknown[];
}

async function readWindow(
  { monotonic, maxMs = 480_000 }: HandlerOptions,
  log: Log,
  window: Part,
  key: KeyObject,
): Promise<ReadWindow> {
  const deadline = monotonic() + maxMs;
  const failures: unknown[] = [];
  const isOver = () => failures.length > 0 || monotonic() >= deadline;
  const parts = partsOf(window, PART_MS).map((range) => ({
    range,
    check: new PartCheck(key),
    isRead: false,
  }));
  await inParallel(parts, async (part) => {
    try {
      part.isRead = await readPart(log, part.range, (stream, line) => part.check.add(stream, line), isOver);
    } catch (error) {
      failures.push(error);
    }
  });
  const unread = parts.findIndex(({ isRead }) => !isRead);
  return {
    parts: parts.map(({ check }) => check),
    complete: unread < 0 ? parts.length : unread,
    failures,
  };
}

/** Does something with each item, in order, with a few at a time. */
async function inParallel<T>(items: Iterable<T>, use: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items].values();
  const reader = async () => {
    for (const item of queue) await use(item);
  };
  await Promise.all(Array.from({ length: READERS }, reader));
}

function isRecord(record: SignedRecord | string | undefined, seq: number, hash: string): boolean {
  return typeof record === 'object' && record.seq === seq && record.hash === hash;
}

async function readKey({ secrets, keySecretId }: HandlerOptions): Promise<KeyObject> {
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: keySecretId }));
  const key = Buffer.from(SecretString);
  if (key.length < MIN_AUDIT_KEY_BYTES)
    throw new Error(`the audit key must have at least ${MIN_AUDIT_KEY_BYTES} bytes, got ${key.length}`);
  return createSecretKey(key);
}

/** A task's id in groups: the logger would redact 32 hexadecimal digits in a row as a credential. */
function legible(stream: string): string {
  return stream.replace(
    /([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/,
    '$1-$2-$3-$4-$5',
  );
}
