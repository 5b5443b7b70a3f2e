import { once } from 'node:events';
import type { Response as ExpressResponse } from 'express';
import { type RequestContext, recordError } from './context.ts';
import { escapeLineEnds } from './line-ends.ts';

type StreamPart = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>;

/** Whether the SDK responded with an event stream. */
export function isEventStream(answer: Response): boolean {
  return answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}

/** Sends a complete response of the SDK. */
export async function sendText(
  answer: Response,
  response: ExpressResponse,
  context: RequestContext,
): Promise<void> {
  const text = await answer.text();
  context.outcome ??= 'ok';
  if (text !== '') return sendJson(text, response, context, answer.status);
  response.writeHead(answer.status, { 'Content-Length': 0 }).end();
}

/** Sends a complete JSON text: as it is, or as the only event for a client that accepts only events. */
export function sendJson(
  json: string,
  response: ExpressResponse,
  context: RequestContext,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): void {
  // A client that asks for events can read a refusal as JSON too; its status identifies it.
  const event = context.eventsOnly === true && status === 200;
  const body = escapeLineEnds(event ? `event: message\ndata: ${json}\n\n` : json);
  context.resultBytes = Buffer.byteLength(body);
  response.writeHead(status, {
    ...headers,
    'Content-Type': event ? 'text/event-stream' : 'application/json',
    'Content-Length': context.resultBytes,
  });
  // As a string, which Node sends together with the headers.
  response.end(body);
}

/** Forwards events as they arrive. The SDK ends the stream after the result, and when the request's signal aborts. */
export async function sendStream(
  first: StreamPart,
  stream: ReadableStreamDefaultReader<Uint8Array>,
  response: ExpressResponse,
  context: RequestContext,
): Promise<void> {
  const { ended: signal } = context;
  // A character may be split between chunks.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
  for (let part = first; !part.done && !signal.aborted; part = await stream.read()) {
    const events = escapeLineEnds(decoder.decode(part.value, { stream: true }));
    context.resultBytes += Buffer.byteLength(events);
    if (!response.write(events)) await once(response, 'drain', { signal }).catch(() => {});
  }
  if (signal.aborted) return;
  if (context.refusal !== undefined) recordError(context, context.refusal);
  context.outcome ??= 'ok';
  response.end();
}
