import { once } from 'node:events';
import type { Response as ExpressResponse } from 'express';
import { type RequestContext, recordError } from './pipeline/context.ts';

type StreamPart = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>;

/** Whether the SDK answers with events. */
export function isEventStream(answer: Response): boolean {
  return answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}

/** Status and headers of the SDK's answer. */
export function copyHead(answer: Response, response: ExpressResponse): void {
  response.status(answer.status);
  for (const [name, value] of answer.headers) {
    // The connection is the HTTP server's, and `no-store` is stricter than what the SDK says of a stream.
    if (name !== 'connection' && name !== 'cache-control') response.setHeader(name, value);
  }
}

/** Sends an answer that is known as a whole. */
export async function sendText(
  answer: Response,
  response: ExpressResponse,
  context: RequestContext,
): Promise<void> {
  const text = await answer.text();
  context.outcome ??= 'ok';
  context.resultBytes = Buffer.byteLength(text);
  response.setHeader('Content-Length', context.resultBytes);
  response.end(text);
}

/** Sends a good answer that did not come from the SDK. */
export function sendJson(text: string, response: ExpressResponse, context: RequestContext): void {
  context.resultBytes = Buffer.byteLength(text);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': context.resultBytes });
  // As text, which Node sends together with the head.
  response.end(text);
}

/** Passes events on as they come. The SDK ends the stream after the result, and when the request's signal aborts. */
export async function sendStream(
  first: StreamPart,
  stream: ReadableStreamDefaultReader<Uint8Array>,
  response: ExpressResponse,
  context: RequestContext,
): Promise<void> {
  const { ended: signal } = context;
  for (let part = first; !part.done && !signal.aborted; part = await stream.read()) {
    context.resultBytes += part.value.byteLength;
    if (!response.write(part.value)) await once(response, 'drain', { signal }).catch(() => {});
  }
  if (signal.aborted) return;
  if (context.refusal !== undefined) recordError(context, context.refusal);
  context.outcome ??= 'ok';
  response.end();
}
