import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';

/** Limits of one run; the rest is reported as not read. */
export interface ReadingBounds {
  /** Pages of CloudWatch Logs; each has up to 1 MB or 10000 records, and may be empty. @default 1000 */
  readonly maxPages?: number;
  /** Characters of text in memory. @default 268435456 */
  readonly maxCharacters?: number;
  /** Time after which no further page is requested, in milliseconds; below the function's timeout. @default 180000 */
  readonly maxMs?: number;
}

const AUDIT_RECORDS = '{ $.type = "audit" }';
/** How far back the record before the window is searched, in milliseconds: longer than a task is idle over holidays. */
const LOOK_BACK_MS = 14 * 86_400_000;
/** Records to read for it; several may share its millisecond. */
const LOOK_BACK_RECORDS = 100;
/** Pages to request; pages without records are empty. */
const LOOK_BACK_PAGES = 20;

export interface RecordsOptions extends ReadingBounds {
  readonly client: CloudWatchLogsClient;
  readonly logGroupName: string;
  /** First millisecond, since the epoch. */
  readonly from: number;
  /** Last millisecond, since the epoch. */
  readonly until: number;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}

export interface Records {
  /** Lines by log stream, one per task, in no particular order. */
  readonly streams: ReadonlyMap<string, readonly string[]>;
  /** Why records were not read; absent when all were read. */
  readonly incomplete?: string;
}

interface Line {
  readonly stream: string;
  readonly timestamp: number;
  readonly text: string;
}

/** Reads the audit records of a time range. @throws an error of CloudWatch Logs */
export async function readRecords(options: RecordsOptions): Promise<Records> {
  const { client, logGroupName, from, until, monotonic } = options;
  const { maxPages = 1000, maxCharacters = 256 * 1024 * 1024, maxMs = 180_000 } = options;
  const deadline = monotonic() + maxMs;
  const lines: Line[] = [];
  let characters = 0;
  let nextToken: string | undefined;
  for (let pages = 1; ; pages++) {
    const answer = await client.send(
      new FilterLogEventsCommand({
        logGroupName,
        startTime: from,
        endTime: until,
        filterPattern: AUDIT_RECORDS,
        nextToken,
      }),
    );
    for (const { logStreamName: stream = '', timestamp = 0, message: text = '' } of answer.events ?? []) {
      lines.push({ stream, timestamp, text });
      characters += text.length;
    }
    nextToken = answer.nextToken;
    if (nextToken === undefined) return { streams: byStream(lines) };
    const bound = [
      pages >= maxPages && `${maxPages} pages`,
      characters >= maxCharacters && `${maxCharacters} characters`,
      monotonic() >= deadline && `${maxMs} ms`,
    ].find((reached) => reached !== false);
    if (bound) return { streams: byStream(beforeTheLast(lines)), incomplete: `more than ${bound} of it` };
  }
}

/**
 * Reads the newest records of a task before the window, so that its first record in the window has a predecessor,
 * however long the task was idle.
 *
 * @returns in no particular order, empty when there are none; undefined when they were not found within the page limit
 */
export async function readBefore(
  { client, logGroupName, from }: Pick<RecordsOptions, 'client' | 'logGroupName' | 'from'>,
  stream: string,
): Promise<string[] | undefined> {
  let nextToken: string | undefined;
  for (let pages = 1; pages <= LOOK_BACK_PAGES; pages++) {
    const answer = await client.send(
      new FilterLogEventsCommand({
        logGroupName,
        logStreamNames: [stream],
        startTime: from - LOOK_BACK_MS,
        endTime: from - 1,
        startFromHead: false,
        limit: LOOK_BACK_RECORDS,
        filterPattern: AUDIT_RECORDS,
        nextToken,
      }),
    );
    nextToken = answer.nextToken;
    const events = answer.events ?? [];
    if (events.length === 0 && nextToken !== undefined) continue;
    // The next page may contain more records of the earliest millisecond.
    const earliest = Math.min(...events.map(({ timestamp = 0 }) => timestamp));
    const whole = events.filter(({ timestamp = 0 }) => nextToken === undefined || timestamp > earliest);
    return whole.map(({ message = '' }) => message);
  }
  return undefined;
}

/**
 * Pages are ordered by time, but not within a millisecond: the next page may contain a record that precedes one of
 * these.
 */
function beforeTheLast(lines: readonly Line[]): Line[] {
  const last = lines.at(-1)?.timestamp ?? 0;
  return lines.filter(({ timestamp }) => timestamp < last);
}

function byStream(lines: readonly Line[]): Map<string, string[]> {
  const streams = new Map<string, string[]>();
  for (const { stream, text } of lines) {
    const known = streams.get(stream);
    if (known === undefined) streams.set(stream, [text]);
    else known.push(text);
  }
  return streams;
}
