import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

/** A server behind the service, at the network's edge. */
export interface Behind {
  readonly url: URL;
  /** The head and the message of every request that it got. */
  readonly seen: { readonly head: IncomingMessage; readonly message: Message }[];
  stop(): void;
}

export interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: { readonly name?: string; readonly _meta?: Record<string, unknown> };
}

type Respond = (message: Message, response: ServerResponse, head: IncomingMessage) => unknown;

/** Starts an HTTP server that responds to each message as it is told. */
export async function startRaw(respond: Respond): Promise<Behind> {
  const seen: Behind['seen'] = [];
  const server = createServer(async (head, response) => {
    const body = await text(head);
    const message = (body === '' ? {} : JSON.parse(body)) as Message;
    seen.push({ head, message });
    await respond(message, response, head);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    seen,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Definitions that the stand-ins list. */
export const ECHO = {
  name: 'echo',
  description: 'Echoes a text',
  inputSchema: {
    type: 'object',
    properties: { text: { type: 'string', maxLength: 100 } },
    required: ['text'],
    additionalProperties: false,
  },
} as const;

/** A handshake of 2025-11-25, then `calls` responds to calls; the list may change. */
export function startLegacy(calls: Respond, tools: () => readonly object[] = () => [ECHO]): Promise<Behind> {
  return startRaw((message, response, head) => {
    const { id, method } = message;
    if (method === 'initialize') {
      return send(response, {
        id,
        result: {
          protocolVersion: '2025-11-25',
          capabilities: { tools: {} },
          serverInfo: { name: 'stand-in', version: '1' },
        },
      });
    }
    if (method === 'tools/list') return send(response, { id, result: { tools: tools() } });
    if (method === 'tools/call') return calls(message, response, head);
    if (id !== undefined && method !== undefined) {
      return send(response, { id, error: { code: -32_601, message: 'Method not found' } });
    }
    return response.writeHead(202).end();
  });
}

export function send(response: ServerResponse, message: object, headers: Record<string, string> = {}): void {
  response
    .writeHead(200, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify({ jsonrpc: '2.0', ...message }));
}

/** The official SDK, both eras, without sessions. */
export function startOfficial(): Promise<Behind> {
  return startSdk(() => {
    const server = new McpServer({ name: 'official', version: '1.0.0' });
    server.registerTool(
      'echo',
      { description: 'Echoes a text', inputSchema: z.object({ text: z.string() }) },
      ({ text: given }) => ({ content: [{ type: 'text', text: given }] }),
    );
    server.registerTool(
      'count',
      { inputSchema: z.object({ to: z.number() }), outputSchema: z.object({ last: z.number() }) },
      async ({ to }, { mcpReq }) => {
        const progressToken = mcpReq._meta?.progressToken;
        for (let i = 1; i <= to && progressToken !== undefined; i++) {
          await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: i } });
        }
        return { content: [], structuredContent: { last: to } };
      },
    );
    return server;
  });
}

/** A server on the official SDK. */
export function startSdk(create: () => McpServer): Promise<Behind> {
  const handler = createMcpHandler(create);
  return startRaw(async (message, response, head) => {
    const headers = new Headers(head.headers as Record<string, string>);
    headers.delete('content-length');
    const answer = await handler.fetch(
      new Request('http://127.0.0.1/mcp', { method: head.method ?? 'POST', headers }),
      { parsedBody: message },
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    for await (const piece of answer.body ?? []) response.write(piece);
    response.end();
  });
}

/** A server that keeps what a session was told, as many real ones do. */
export function startStateful(): Promise<Behind> {
  const memories = new Map<string, string[]>();
  return startRaw((message, response, head) => {
    const { id, method, params } = message;
    const session = head.headers['mcp-session-id'];
    if (head.method === 'DELETE') {
      memories.delete(String(session));
      response.writeHead(204).end();
    } else if (method === 'initialize') {
      const made = randomUUID();
      memories.set(made, []);
      const result = {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'stateful', version: '1' },
      };
      send(response, { id, result }, { 'mcp-session-id': made });
    } else if (method === 'tools/list') {
      send(response, { id, result: { tools: [ECHO] } });
    } else if (method === 'tools/call') {
      const memory = memories.get(String(session)) ?? [];
      memory.push(String((params as { arguments?: { text?: string } }).arguments?.text));
      send(response, { id, result: { content: [{ type: 'text', text: memory.join(' ') }] } });
    } else if (method === 'server/discover') {
      response.writeHead(400).end();
    } else {
      response.writeHead(202).end();
    }
  });
}
