import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';

/** Leaves out, at the service, the lines that are not audit records, such as `call_started`. */
const AUDIT_RECORDS = '{ $.type = "audit" }';
/** How far back the record before the window is searched, in milliseconds: longer than a task is idle over holidays. */
const LOOK_BACK_MS = 14 * 86_400_000;
/** Records to read at a time for it; several may share its millisecond. */
const LOOK_BACK_RECORDS = 100;
/** Pages to request; pages without records are empty. */
const LOOK_BACK_PAGES = 20;

export interface Log {
  readonly client: CloudWatchLogsClient;
  readonly logGroupName: string;
}

/** A range of time, in milliseconds since the epoch; both ends belong to it. */
export interface Part {
  readonly from: number;
  readonly until: number;
}

/** Divides a range into parts of a length, the last one shorter. */
export function partsOf({ from, until }: Part, lengthMs: number): readonly Part[] {
  return Array.from({ length: Math.ceil((until - from + 1) / lengthMs) }, (_, index) => {
    const start = from + index * lengthMs;
    return { from: start, until: Math.min(until, start + lengthMs - 1) };
  });
}

/**
 * Reads the audit records of a part of the log, one page of up to 1 MB or 10,000 records at a time. They are read
 * unmasked: a mask would read as a change.
 *
 * @param use called for each line, in no particular order
 * @param isOver whether no further page may be requested
 * @returns whether all were read
 * @throws an error of CloudWatch Logs
 */
export async function readPart(
  { client, logGroupName }: Log,
  { from, until }: Part,
  use: (stream: string, line: string) => void,
  isOver: () => boolean,
): Promise<boolean> {
  let nextToken: string | undefined;
  do {
    if (isOver()) return false;
    const answer = await client.send(
      new FilterLogEventsCommand({
        logGroupName,
        startTime: from,
        endTime: until,
        filterPattern: AUDIT_RECORDS,
        unmask: true,
        nextToken,
      }),
    );
    for (const { logStreamName = '', message = '' } of answer.events ?? []) use(logStreamName, message);
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  return true;
}

/**
 * Searches a record of a task before a time, however long the task was idle.
 *
 * @returns whether it is there; undefined when it was not found within the page limit
 */
export async function findBefore(
  { client, logGroupName }: Log,
  { stream, before, matches }: { stream: string; before: number; matches: (line: string) => boolean },
): Promise<boolean | undefined> {
  let nextToken: string | undefined;
  let newest: number | undefined;
  for (let pages = 1; pages <= LOOK_BACK_PAGES; pages++) {
    const answer = await client.send(
      new FilterLogEventsCommand({
        logGroupName,
        logStreamNames: [stream],
        startTime: before - LOOK_BACK_MS,
        endTime: before - 1,
        startFromHead: false,
        limit: LOOK_BACK_RECORDS,
        filterPattern: AUDIT_RECORDS,
        unmask: true,
        nextToken,
      }),
    );
    const { events = [] } = answer;
    if (events.some(({ message = '' }) => matches(message))) return true;
    newest ??= events[0]?.timestamp;
    // It is the latest record, so it shares the millisecond of the newest; the next page may contain more of that one.
    if (events.some(({ timestamp }) => timestamp !== newest)) return false;
    nextToken = answer.nextToken;
    if (nextToken === undefined) return false;
  }
  return undefined;
}
