import { request as httpsRequest } from 'node:https';
import { connectV1, connectV2, PINNED } from '../support/sdk-clients.ts';
import type { PublicPage } from './public-page.ts';

export interface Visit {
  /** URL from the clients' point of view, such as https://mcp.example.com/mcp. */
  readonly publicUrl: string;
  readonly port: number;
  readonly token: string;
  /** `X-Forwarded-For` as the load balancer sends it. */
  readonly forwardedFor: string;
  /** URL that the task is asked to scrape. @default - none */
  readonly page?: PublicPage | undefined;
}

export interface Seen {
  /** Names of the tools, by the client that listed them. */
  readonly tools: Readonly<Record<string, readonly string[]>>;
  /** Whether the first tool answered a call without arguments with its own error, by client. */
  readonly refused: Readonly<Record<string, boolean>>;
  /** Text of the `scrape_url` result, by client. */
  readonly scraped: Readonly<Record<string, string>>;
  /** Status of a call with an unknown token. */
  readonly stranger: number;
  /** Requests to the endpoint; each must have left an audit record. */
  readonly requests: number;
}

/** Lists and calls tools with real clients of both generations, each connected as the load balancer connects. */
export async function callTools(visit: Visit): Promise<Seen> {
  const url = new URL(visit.publicUrl);
  let requests = 0;
  const fetch = (to: string | URL, init?: RequestInit) => {
    requests += 1;
    return send(visit, new Request(to, init));
  };
  const modern = await connectV2(url, visit.token, PINNED, fetch);
  const old = await connectV1(url, visit.token, fetch);

  const tools: Record<string, string[]> = {};
  const refused: Record<string, boolean> = {};
  const scraped: Record<string, string> = {};
  for (const [name, client] of Object.entries({ '2026-07-28': modern, '2025-11-25': old })) {
    const listed = await client.listTools();
    tools[name] = listed.tools.map((tool) => tool.name);
    const result = await client.callTool({ name: tools[name]?.[0] ?? '', arguments: {} });
    refused[name] = result.isError === true;
    if (visit.page === undefined || !tools[name]?.includes('scrape_url')) continue;
    const page = await client.callTool({ name: 'scrape_url', arguments: { url: visit.page.url } });
    scraped[name] =
      `${page.isError ? 'error: ' : ''}${JSON.stringify(page.structuredContent ?? page.content)}`;
  }
  await Promise.all([modern.close(), old.close()]);
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const { status } = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: 'Bearer unknown-token-0123456789-012345',
    },
    body: JSON.stringify(call),
  });
  return { tools, refused, scraped, stranger: status, requests };
}

/** Sends a request to the task like the load balancer: without checking its certificate, with the client's address. */
async function send({ port, forwardedFor }: Visit, request: Request): Promise<Response> {
  const { host, pathname } = new URL(request.url);
  const body = Buffer.from(await request.arrayBuffer());
  const headers = { ...Object.fromEntries(request.headers), host, 'x-forwarded-for': forwardedFor };
  const { method } = request;
  return new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port, path: pathname, method, headers, rejectUnauthorized: false };
    const sent = httpsRequest(to, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 500, headers: received } = response;
        const text = Buffer.concat(chunks).toString();
        const answered = Object.entries(received).map(([name, value]) => [name, String(value)]);
        const empty = status === 202 || status === 204;
        resolve(new Response(empty ? null : text, { status, headers: Object.fromEntries(answered) }));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
