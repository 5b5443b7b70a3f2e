import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';

/** What one run reads at most; more is told as not read. */
export interface ReadingBounds {
  /** Answers of CloudWatch Logs; each has up to 1 MB or 10000 records, and may have none. @default 1000 */
  readonly maxPages?: number;
  /** Text kept in memory, in characters. @default 268435456 */
  readonly maxCharacters?: number;
  /** Time until no further page is asked for, in milliseconds; within the function's timeout. @default 180000 */
  readonly maxMs?: number;
}

const AUDIT_RECORDS = '{ $.type = "audit" }';
/** How far back a task's record before the window is looked for: longer than a task is idle over holidays. */
const LOOK_BACK_MS = 14 * 86_400_000;
/** Records read for it; several may share its millisecond. */
const LOOK_BACK_RECORDS = 100;
/** Answers asked for; those of a time without records are empty. */
const LOOK_BACK_PAGES = 20;

export interface RecordsOptions extends ReadingBounds {
  readonly client: CloudWatchLogsClient;
  readonly logGroupName: string;
  /** First millisecond, since the epoch. */
  readonly from: number;
  /** Last millisecond, since the epoch. */
  readonly until: number;
  /** A clock that only goes forward, in milliseconds. */
  readonly monotonic: () => number;
}

export interface Records {
  /** Lines by log stream, each a task's; in no certain order. */
  readonly streams: ReadonlyMap<string, readonly string[]>;
  /** Why there is more than was read; absent when that is all. */
  readonly incomplete?: string;
}

interface Line {
  readonly stream: string;
  readonly timestamp: number;
  readonly text: string;
}

/** Reads the audit records of a time. @throws an error of CloudWatch Logs */
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
 * Reads the newest records of a task before the window, so that its first one in the window has a predecessor, however
 * long the task was idle.
 *
 * @returns in no certain order, none when there are none; undefined when they were not found in a bounded number of pages
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
    // Of the earliest millisecond there may be more on the next page.
    const earliest = Math.min(...events.map(({ timestamp = 0 }) => timestamp));
    const whole = events.filter(({ timestamp = 0 }) => nextToken === undefined || timestamp > earliest);
    return whole.map(({ message = '' }) => message);
  }
  return undefined;
}

/** Pages are in order of time, but not within a millisecond: there the next page may have a record before one of these. */
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
