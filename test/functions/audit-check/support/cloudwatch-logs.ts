import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LogEvent {
  readonly stream: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly message: string;
}

export interface CloudWatchLogsStandIn {
  readonly url: string;
  /** The content of the log group; change it at will. */
  events: LogEvent[];
  /** Events of one page. @default 10000 */
  pageSize: number;
  /** Empty answers, each with a token for the next page, before what is newest first. @default 0 */
  emptyPages: number;
  /** The requests so far. */
  readonly requests: Readonly<Record<string, unknown>>[];
  /** While set, every request is answered with this error. */
  failure: string | undefined;
  /** While set, requests for this time or a later one are throttled. */
  failFrom: number | undefined;
  /** Text that is shown as asterisks unless a request asks for the unmasked text. */
  masks: RegExp | undefined;
  /** Requests that were open at the same time, at most. */
  mostAtOnce: number;
  close(): Promise<void>;
}

export const LOG_GROUP = 'Mcp-test-audit';

/** Speaks as much of the CloudWatch Logs protocol (JSON 1.1 over HTTP) as FilterLogEvents takes, on loopback. */
export async function startCloudWatchLogs(): Promise<CloudWatchLogsStandIn> {
  function answerTo(operation: string, input: Record<string, unknown>): [status: number, body: object] {
    standIn.requests.push(input);
    if (standIn.failure !== undefined) return [400, { __type: standIn.failure, message: 'User: x is not' }];
    if (operation !== 'FilterLogEvents') return [400, { __type: 'UnknownOperationException' }];
    if (input['logGroupName'] !== LOG_GROUP) return [400, { __type: 'ResourceNotFoundException' }];
    const pattern = /^\{ \$\.type = "(\w+)" \}$/.exec(String(input['filterPattern']));
    if (pattern === null) return [400, { __type: 'InvalidParameterException' }];
    const [start, end] = [Number(input['startTime']), Number(input['endTime'])];
    if (start >= (standIn.failFrom ?? Number.POSITIVE_INFINITY))
      return [400, { __type: 'ThrottlingException' }];
    const shown = (message: string) =>
      standIn.masks && input['unmask'] !== true
        ? message.replace(standIn.masks, (text) => '*'.repeat(text.length))
        : message;
    const found = standIn.events
      .filter(({ timestamp }) => timestamp >= start && timestamp <= end)
      .filter(({ message }) => message.includes(`"type":"${pattern[1]}"`))
      .filter(({ stream }) => (input['logStreamNames'] as string[] | undefined)?.includes(stream) ?? true)
      // Stable, so that events of one millisecond come as the test has put them.
      .sort((a, b) =>
        input['startFromHead'] === false ? b.timestamp - a.timestamp : a.timestamp - b.timestamp,
      );
    if (input['startFromHead'] === false && standIn.emptyPages > 0) {
      standIn.emptyPages -= 1;
      return [200, { events: [], nextToken: '0' }];
    }
    const offset = Number(input['nextToken'] ?? 0);
    const next = offset + Math.min(standIn.pageSize, Number(input['limit'] ?? 10_000));
    const events = found.slice(offset, next).map(({ stream: logStreamName, ...event }, index) => ({
      ...event,
      message: shown(event.message),
      logStreamName,
      ingestionTime: event.timestamp + 1000,
      eventId: String(offset + index),
    }));
    return [200, { events, searchedLogStreams: [], ...(next < found.length && { nextToken: String(next) }) }];
  }

  let open = 0;
  const server = createServer((request, response) => {
    open += 1;
    standIn.mostAtOnce = Math.max(standIn.mostAtOnce, open);
    response.on('close', () => {
      open -= 1;
    });
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).replace('Logs_20140328.', '');
      const [status, body] = answerTo(operation, JSON.parse(text));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn: CloudWatchLogsStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events: [],
    pageSize: 10_000,
    emptyPages: 0,
    requests: [],
    failure: undefined,
    failFrom: undefined,
    masks: undefined,
    mostAtOnce: 0,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return standIn;
}
