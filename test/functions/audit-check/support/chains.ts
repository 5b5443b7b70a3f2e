import { createSecretKey } from 'node:crypto';
import { AuditLog } from '../../../../service/logging/audit-log.ts';
import type { LineWriter } from '../../../../service/logging/line-writer.ts';
import type { LogEvent } from './cloudwatch-logs.ts';

export const KEY = 'audit-key-of-64-characters-0123456789-abcdefghijklmnopqrstuvwxyz';
/** A text of every record, and of nothing else. */
export const CONTENT = 'orchid-rainfall';
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** Name of a task's log stream. */
export const streamOf = (digit: string) => `mcp/mcp/${digit.repeat(32)}`;

export interface ChainOptions {
  /** Milliseconds from one record to the next. @default 60000 */
  readonly every?: number;
  readonly key?: string;
}

/** The records of a task, as the service writes them, from some time on. */
export function recordsOf(
  stream: string,
  start: number,
  count: number,
  { every = MINUTE, key = KEY }: ChainOptions = {},
): LogEvent[] {
  const events: LogEvent[] = [];
  let timestamp = start;
  const write = (message: string) => events.push({ stream, timestamp, message }) > 0;
  const writer = { write, capacityBytes: 1e6, queuedBytes: 0, broken: false } as unknown as LineWriter;
  const quiet = () => {};
  const log = new AuditLog({
    writer,
    key: createSecretKey(Buffer.from(key)),
    now: () => timestamp,
    logger: { info: quiet, warn: quiet, error: quiet },
  });
  for (let index = 0; index < count; index++, timestamp += every) {
    log.admit();
    log.record({
      requestId: `${CONTENT}-${index}`,
      clientId: CONTENT,
      tool: 'scrape_url',
      arguments: { url: `https://example.com/${CONTENT}` },
      outcome: 'ok',
      durationMs: 12,
      resultBytes: 34,
    });
  }
  return events;
}
