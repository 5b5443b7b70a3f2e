import { createSecretKey, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { expect } from '@jest/globals';
import { createChainCheck } from '../../../service/logging/audit-chain.ts';
import {
  type BundleAnswer,
  nodeOptions,
  portOf,
  postToBundle,
} from '../../service/support/deployed-bundle.ts';
import type { AuditRecord } from '../../service/support/start-app.ts';
import { type RunningProcess, startProcess } from '../../service/support/start-process.ts';
import { entry } from '../../service/support/tokens.ts';
import { until } from '../../service/support/until.ts';
import { fixtureBundle } from '../../support/bundles.ts';
import { edgeOptions } from './edge-options.ts';
import type { Runtime } from './runtimes.ts';

export const TOKEN = 'fault-token-0123456789-abcdefghijk';
export const TOKEN_LIST = JSON.stringify({ tokens: [entry(TOKEN, 'ci', ['scrape'])] });
export const AUDIT_KEY = randomBytes(32).toString('hex');
export const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

export interface Answered extends BundleAnswer {
  readonly ms: number;
  /** The code of the JSON-RPC error, or the text of a tool's failure. */
  readonly said: number | string | undefined;
  readonly requestId: string;
}

export interface FaultServer extends RunningProcess {
  readonly port: number;
  post(body: unknown, options?: { token?: string; headers?: Record<string, string> }): Promise<Answered>;
  /** Every audit record so far. */
  records(): AuditRecord[];
  /** The records of one request, once there is one. */
  recordsOf(requestId: string): Promise<AuditRecord[]>;
  /** Memory of the process in KiB: the current value, and the maximum since the last call of `watchMemory`. */
  memory(): { readonly now: number; readonly most: number };
  /** Resets the maximum. @returns a function that returns the maximum growth since then, in KiB */
  watchMemory(): () => number;
  /** Longest block of the event loop since the last call, in milliseconds; needs FAULT_WATCH_LOOP at the start. */
  longestStretch(): Promise<{ readonly ms: number; readonly cpuMs: number }>;
  /** Adds to the clocks of the process, in milliseconds. */
  setClock(change: { wall?: number; monotonic?: number }): Promise<void>;
  /**
   * Fails unless the health check and a valid call succeed, and the audit chain is valid with one record per
   * request. @returns the durations, for the figures
   */
  healthy(token?: string): Promise<string>;
}

export interface FaultServerOptions {
  /** Options of node besides the image's. */
  readonly node?: readonly string[];
  /** Path of the program. @default - the service with the fixture tools */
  readonly bundle?: string;
  /** @default - the Node.js that runs the tests */
  readonly runtime?: Runtime | undefined;
  /** Maximum open files and connections. @default - that of this process */
  readonly nofile?: number;
  /** Destination of the audit log, and how to read it there. @default - a pipe that is read at once */
  readonly stdout?: { readonly fd: number; read(): string };
}

/** The deployed program as the image starts it, with its edge replaced (edge.cjs). */
export function launch(
  variables: Record<string, string> = {},
  options: FaultServerOptions = {},
): RunningProcess {
  const { path, options: ofImage } = options.runtime ?? { path: process.execPath, options: nodeOptions };
  const node = [path, ...ofImage, ...edgeOptions];
  const limits = options.nofile === undefined ? '' : `ulimit -n ${options.nofile} && `;
  return startProcess(
    'sh',
    ['-c', `${limits}exec "$@"`, 'sh', ...node, ...(options.node ?? []), options.bundle ?? fixtureBundle()],
    {
      HOST: '127.0.0.1',
      PORT: '0',
      MCP_PUBLIC_URL: 'https://mcp.example.com/mcp',
      MCP_AUTH_TOKENS: 'env:TOKENS',
      TOKENS: TOKEN_LIST,
      MCP_AUDIT_KEY: 'env:AUDIT_KEY',
      AUDIT_KEY,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'secret-access-key-of-the-tests',
      ...variables,
    },
    { stdoutFd: options.stdout?.fd },
  );
}

/** The same, once it listens. */
export async function startServer(
  variables?: Record<string, string>,
  options?: FaultServerOptions,
): Promise<FaultServer> {
  const running = launch(variables, options);
  const port = await portOf(running);
  const auditText = options?.stdout?.read ?? running.stdout;
  const server: FaultServer = {
    ...running,
    port,
    async post(body, { token = TOKEN, headers = {} } = {}) {
      const begun = performance.now();
      const answer = await postToBundle(port, token, body as object, headers);
      const ms = Math.round(performance.now() - begun);
      const { 'x-request-id': requestId } = answer.headers;
      return { ...answer, ms, said: saidOf(answer.text), requestId: String(requestId) };
    },
    records: () =>
      auditText()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    async recordsOf(requestId) {
      const found = () => server.records().filter((record) => record['requestId'] === requestId);
      await until(() => found().length > 0);
      return found();
    },
    memory() {
      const status = readFileSync(`/proc/${running.child.pid}/status`, 'utf8');
      const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
      return { now: of('VmRSS'), most: of('VmHWM') };
    },
    watchMemory() {
      try {
        // The kernel's own peak: memory may be released before a sample is taken.
        writeFileSync(`/proc/${running.child.pid}/clear_refs`, '5');
      } catch {
        // On a kernel without it, the peak since the start, which is no less.
      }
      const before = server.memory().now;
      return () => server.memory().most - before;
    },
    async longestStretch() {
      const said = () => [...running.stderr().matchAll(/^\{.*"event":"edge_loop".*\}$/gm)];
      const before = said().length;
      running.child.stdin?.write('{"longest":true}\n');
      await until(() => said().length > before, running.stderr);
      return JSON.parse(said().at(-1)?.[0] ?? '');
    },
    async setClock(change) {
      const times = () => running.stderr().split('"event":"clock_set"').length;
      const before = times();
      running.child.stdin?.write(`${JSON.stringify(change)}\n`);
      await until(() => times() > before, running.stderr);
    },
    async healthy(token) {
      const [health, healthMs] = await askHealth(port);
      expect(health).toBe(200);
      const good = await server.post(LIST, token === undefined ? {} : { token });
      expect([good.status, good.said]).toEqual([200, undefined]);
      expect(await server.recordsOf(good.requestId)).toMatchObject([{ outcome: 'ok' }]);
      expect(checkChain(auditText())).toBeUndefined();
      return `healthz ${health} in ${healthMs} ms, call ${good.status} in ${good.ms} ms`;
    },
  };
  return server;
}

/** The first problem in the complete lines of an audit log: in its chain, or a request with two records. */
export function checkChain(text: string): string | undefined {
  const check = createChainCheck({ key: createSecretKey(Buffer.from(AUDIT_KEY)) });
  const requests = new Set<string>();
  for (const line of text.split('\n').slice(0, -1)) {
    const problem = check.add(line);
    if (problem !== undefined) return problem;
    const { requestId } = JSON.parse(line) as { requestId: string };
    if (requests.has(requestId)) return `request ${requestId} has two records`;
    requests.add(requestId);
  }
  return undefined;
}

export function askHealth(port: number): Promise<[status: number | undefined, ms: number]> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    get(
      { host: '127.0.0.1', port, path: '/healthz', rejectUnauthorized: false, agent: false },
      (response) => {
        response
          .resume()
          .on('end', () => resolve([response.statusCode, Math.round(performance.now() - begun)]));
      },
    ).on('error', reject);
  });
}

function saidOf(text: string): number | string | undefined {
  const { error, result } = JSON.parse(text) as {
    error?: { code: number };
    result?: { isError?: boolean; content?: { text: string }[] };
  };
  return error?.code ?? (result?.isError ? result.content?.[0]?.text : undefined);
}

/** Prints the effect of a fault as one line that programs read; docs/evidence.md shows the last of each. */
export function figure(fault: string, figures: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`FAULT ${JSON.stringify({ fault, ...figures })}\n`);
}
