import { createSecretKey, type KeyObject } from 'node:crypto';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { MIN_AUDIT_KEY_BYTES } from '../../service/logging/audit-chain.ts';
import { describeError, type Logger } from '../../service/logging/logger.ts';
import type { AuditCheckEnvironment } from './environment.ts';
import { type ReadingBounds, readBefore, readRecords } from './records.ts';
import { beginsEarlier, checkStream } from './stream-check.ts';

/** Time range of one run, in milliseconds: longer than the hour between two runs, so that a late run misses nothing. */
const WINDOW_MS = 70 * 60_000;
/** Time for the log driver to deliver written lines, in milliseconds. */
const DELIVERY_MS = 5 * 60_000;

export interface HandlerOptions extends AuditCheckEnvironment, ReadingBounds {
  readonly logs: CloudWatchLogsClient;
  readonly secrets: SecretsManagerClient;
  /** Wall clock in epoch milliseconds. */
  readonly now: () => number;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly logger: Logger;
}

/** The function. A broken chain is logged as `audit_chain_broken`; a run that could not check everything fails. */
export function createHandler(options: HandlerOptions): () => Promise<void> {
  return async () => {
    try {
      await run(options);
    } catch (error) {
      options.logger.error('audit_check_failed', describeError(error));
      // The runtime logs errors unredacted, so the message contains no more than this.
      throw new Error('the check failed; see the line audit_check_failed');
    }
  };
}

async function run(options: HandlerOptions): Promise<void> {
  const { logger } = options;
  const until = options.now() - DELIVERY_MS;
  const from = until - WINDOW_MS;
  const key = await readKey(options);
  const reading = { ...options, client: options.logs, from, until };
  const { streams, incomplete } = await readRecords(reading);
  const unread = incomplete === undefined ? [] : [incomplete];
  let records = 0;
  let broken = 0;
  for (const [stream, lines] of streams) {
    records += lines.length;
    const before = beginsEarlier(lines) ? await readBefore(reading, stream) : [];
    if (before === undefined) unread.push(`the earlier records of ${legible(stream)}`);
    const breakage = checkStream([...(before ?? []), ...lines], key);
    if (breakage === undefined) continue;
    broken += 1;
    logger.error('audit_chain_broken', { stream: legible(stream), ...breakage });
  }
  const [start, end] = [from, until].map((ms) => new Date(ms).toISOString());
  logger.info('audit_chain_checked', { records, streams: streams.size, broken, start, end });
  if (unread.length > 0)
    throw new Error(`the log from ${start} to ${end} was not read: ${unread.join(', ')}`);
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
