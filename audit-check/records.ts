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
        filterPattern: '{ $.type = "audit" }',
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
