import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A load balancer without session affinity: the next request goes to the next process. */
export interface RoundRobin {
  readonly url: string;
  /** Ports in use. */
  targets(): readonly number[];
  add(port: number): void;
  /** Removes a port. @returns a function that returns the number of its requests without a response */
  remove(port: number): number;
  /** Ports of the requests that ended without a response, in order. */
  readonly failed: readonly number[];
  /** Requests with a response, by port. */
  readonly answered: ReadonlyMap<number, number>;
  stop(): Promise<void>;
}

interface Target {
  readonly port: number;
  readonly agent: Agent;
  inFlight: number;
}

/** On loopback: plain HTTP in front, TLS behind, with the public host name of the processes. */
export async function startRoundRobin(host: string): Promise<RoundRobin> {
  let targets: readonly Target[] = [];
  const failed: number[] = [];
  const answered = new Map<number, number>();
  let turn = 0;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const target = targets[turn++ % targets.length];
    if (target === undefined) return void response.writeHead(503).end();
    target.inFlight += 1;
    try {
      await send(target, host, request, body, response);
      answered.set(target.port, (answered.get(target.port) ?? 0) + 1);
    } catch {
      failed.push(target.port);
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    }
    target.inFlight -= 1;
  }

  const server = createServer((request, response) => void pass(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    targets: () => targets.map(({ port }) => port),
    add(port) {
      targets = [...targets, { port, agent: new Agent({ keepAlive: true }), inFlight: 0 }];
    },
    remove(port) {
      const leaving = targets.find((target) => target.port === port);
      targets = targets.filter((target) => target.port !== port);
      return leaving?.inFlight ?? 0;
    },
    failed,
    answered,
    async stop() {
      for (const { agent } of targets) agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(
  { port, agent }: Target,
  host: string,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const behind = { host: '127.0.0.1', port, agent, rejectUnauthorized: false };
    httpsRequest({ ...behind, method, path: url, headers: { ...headers, host } }, async (answer) => {
      try {
        const text = await buffer(answer);
        const { connection, 'keep-alive': _, ...kept } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, kept).end(text);
        resolve();
      } catch (error) {
        reject(error);
      }
    })
      .on('error', reject)
      .end(body);
  });
}
