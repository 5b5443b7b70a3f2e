import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Connection, tlsOptions } from './connection.ts';
import { type Answer, exchange, flat, MAX_ANSWER_BYTES, type WireRequest } from './exchange.ts';
import { initializeMessage, isAnswer, legacyMessage, messagesOfEvents, messagesOfJson } from './messages.ts';

/** The first event of the deprecated HTTP+SSE transport: the address for messages. */
export const ENDPOINT_EVENT =
  /^(?:event: ?endpoint\r?\n(?:[^\r\n]{1,200}\r?\n){0,3}?data: ?(?<address>\S+)|data: ?(?<first>\S+)\r?\nevent: ?endpoint)\r?\n/m;

/** The address in the first event of the stream. Empty if there is none yet. */
export function endpointIn(text: string): string {
  const { address, first } = ENDPOINT_EVENT.exec(text)?.groups ?? {};
  return address ?? first ?? '';
}
/** The ID of the doctor's own first request, which is not the one that a check sends. */
const HELLO_ID = 'doctor-hello';

/**
 * Sends one POST over the deprecated HTTP+SSE transport: opens a stream, says hello, posts the message to the address that the
 * stream names, and waits for its response on the stream. A refusal of the stream or of the post is the response. Never throws.
 */
export async function sseExchange(
  connection: Connection,
  wire: WireRequest,
  timeoutMs: number,
): Promise<Answer> {
  const deadline = performance.now() + timeoutMs;
  const left = () => Math.max(1, deadline - performance.now());
  const stream = openStream(connection, wire);
  try {
    await stream.until(() => ENDPOINT_EVENT.test(stream.text()), left());
    const address = endpointIn(stream.text());
    const host = wire.headers['host'] ?? '';
    const url = URL.parse(address, `http://${host}${wire.path}`);
    // Nothing is sent to another host, and nothing without an address.
    if (address === '' || url === null || url.host !== host) return stream.answer();
    const post = (body: WireRequest['body']) =>
      exchange(connection, { ...wire, path: `${url.pathname}${url.search}`, body }, left());
    const [sent] = messagesOfJson(String(wire.body ?? '')) as { id?: unknown; method?: unknown }[];
    if (sent?.method !== 'initialize') {
      const hello = await post(JSON.stringify({ ...initializeMessage().body, id: HELLO_ID }));
      if (isRefused(hello)) return hello;
      await stream.until(() => stream.text().includes(HELLO_ID), left());
      const { id: _none, ...notification } = legacyMessage('notifications/initialized').body;
      await post(JSON.stringify(notification));
    }
    const from = stream.text().length;
    const posted = await post(wire.body);
    const isFinal = isRefused(posted) || posted.messages.some(isAnswer);
    if (isFinal || (sent !== undefined && sent.id === undefined)) return posted;
    const answers = () => messagesOfEvents(stream.text().slice(from)).filter(isAnswer);
    const isAnswered = await stream.until(() => answers().length > 0, left());
    return {
      ...stream.answer(),
      text: stream.text().slice(from),
      messages: answers(),
      failure: isAnswered ? undefined : 'timeout',
    };
  } finally {
    stream.close();
  }
}

const isRefused = ({ status }: Answer) => status === 0 || status >= 300;

/** Opens the event stream of the request's path with the header fields of the request. */
function openStream(connection: Connection, { path, headers }: WireRequest) {
  let response: IncomingMessage | undefined;
  let text = '';
  let ended = false;
  let wake = () => {};
  const fields = { ...headers, 'content-type': undefined, accept: 'text/event-stream' };
  const present = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const common = { method: 'GET', path, headers: Object.fromEntries(present), setHost: false };
  const { address: host, port, secure } = connection;
  const outgoing = secure
    ? httpsRequest({ ...tlsOptions(connection), ...common, agent: false })
    : httpRequest({ host, port, ...common, agent: false });
  const end = () => {
    ended = true;
    wake();
  };
  outgoing.on('error', end).on('close', end).end();
  outgoing.once('response', (incoming) => {
    response = incoming;
    incoming.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length >= MAX_ANSWER_BYTES) outgoing.destroy();
      wake();
    });
    incoming.once('end', end).once('error', end);
  });
  return {
    text: () => text,
    /** Whether the condition became true in time. */
    until: (isTrue: () => boolean, timeoutMs: number): Promise<boolean> =>
      new Promise((resolve) => {
        const finish = () => {
          if (!isTrue() && !ended) return;
          clearTimeout(timer);
          resolve(isTrue());
        };
        const timer = setTimeout(() => resolve(false), timeoutMs);
        wake = finish;
        finish();
      }),
    answer: (): Answer => ({
      status: response?.statusCode ?? 0,
      headers: flat(response?.headers ?? {}),
      text,
      messages: messagesOfJson(text),
      failure: response === undefined ? (ended ? 'closed' : 'timeout') : undefined,
    }),
    close: () => outgoing.destroy(),
  };
}
