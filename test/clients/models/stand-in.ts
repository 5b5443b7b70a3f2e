import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { anthropic } from './anthropic.ts';
import type { Conversation } from './dialect.ts';
import { gemini } from './gemini.ts';
import { chat, responses } from './openai.ts';

const DIALECTS = [anthropic, responses, chat, gemini];

export interface Step {
  /** Name of the tool as the server lists it; the client's own name ends with it. */
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface ModelStandIn {
  readonly origin: string;
  /** The latest tools and results of calls that the model received. */
  seen(): Conversation;
  /** Requests so far, one per line, for authors of an adapter. */
  requests(): readonly string[];
  stop(): void;
}

/**
 * A server on loopback that replaces a model. It asks for the calls of `script`, one after the other, then sends a
 * final message; it records the client's text of each result. It counts results instead of requests, because clients
 * repeat requests and also ask for titles and summaries.
 */
export async function startModel(script: readonly Step[]): Promise<ModelStandIn> {
  let seen: Conversation = { tools: [], results: [] };
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString('utf8');
    const { pathname } = new URL(request.url ?? '/', 'http://model.invalid');
    requests.push(`${request.method} ${request.url} ${body}`);
    const dialect = DIALECTS.find(({ path }) => path.test(pathname));
    if (dialect === undefined || request.method !== 'POST') {
      response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"error":{"message":"not here"}}');
      return;
    }
    const conversation = dialect.read(JSON.parse(body));
    const step = script[conversation.results.length];
    const tool = conversation.tools.find((name) => step && name.split('\n')[0]?.endsWith(step.name));
    if (conversation.results.length >= seen.results.length && conversation.tools.length > 0)
      seen = conversation;
    const id = String(conversation.results.length + 1);
    const call = step !== undefined && tool !== undefined ? { id, name: tool, args: step.args } : undefined;
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(dialect.answer(call).join(''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: () => seen,
    requests: () => requests,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
