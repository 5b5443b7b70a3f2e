import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { RunningEdge } from './start-edge.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface SendOptions {
  /** Port to send to. @default - the load balancer's */
  readonly port?: number;
  /** Loopback address to send from. @default 127.0.0.1 */
  readonly from?: string;
  /** @default /mcp */
  readonly path?: string;
  /** @default POST */
  readonly method?: string;
  /** A header of value `undefined` is left out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: object | string;
}

/** Sends one request to an edge on its own connection, and verifies that the certificate is for the edge's name. */
export function sendTo(edge: RunningEdge, options: SendOptions): Promise<Answer> {
  const { port = edge.ports.balancer, from = '127.0.0.1', path = '/mcp', method = 'POST', body } = options;
  const all = {
    host: edge.name,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...options.headers,
  };
  const headers = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', port, localAddress: from, servername: edge.name, ca: edge.authority };
    const sent = request({ ...target, agent: false, path, method, headers }, async (response) => {
      let text = '';
      for await (const part of response.setEncoding('utf8')) text += part;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    sent.on('error', reject).end(typeof body === 'object' ? JSON.stringify(body) : body);
  });
}
