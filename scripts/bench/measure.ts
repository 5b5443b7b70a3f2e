import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import autocannon from 'autocannon';
import { imageOptions, nodePath, SERVER_CORE, type Server } from './servers.ts';

/** Results of one round for one server. */
export interface Figures {
  /** CPU time of the whole process for one request, in microseconds. */
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Resident memory before the load and its maximum, in MiB. */
  readonly idleMiB: number;
  readonly loadedMiB: number;
}

interface Usage {
  readonly cpu: number;
  readonly rss: number;
  readonly maxRss: number;
}

/** Concurrent connections, each with one request at a time. */
export const CONNECTIONS = 32;

const MIB = 2 ** 20;
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** Starts a server in its own process, warms it up, and loads it with `requests` calls of a trivial tool. */
export async function measure(server: Server, requests: number): Promise<Figures> {
  const child = start(server);
  try {
    const [{ port, token }] = (await once(child, 'message')) as [{ port: number; token?: string }];
    const idle = await usageOf(child);
    await load(server, port, token, requests / 2);
    const before = await usageOf(child);
    const { latency, seconds } = await load(server, port, token, requests);
    const after = await usageOf(child);
    return {
      cpuUs: (after.cpu - before.cpu) / requests,
      perSecond: requests / seconds,
      p50Ms: latency.p50,
      p99Ms: latency.p99,
      idleMiB: idle.rss / MIB,
      loadedMiB: after.maxRss / MIB,
    };
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

function start({ script: [file = '', ...args], secured }: Server): ChildProcess {
  const options = secured ? imageOptions(join(import.meta.dirname, 'dist')) : [];
  const command = ['-c', SERVER_CORE, nodePath(), ...options, join(import.meta.dirname, file), ...args];
  // Audit records go to a pipe that is read, as in the container.
  const child = spawn('taskset', command, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: {} });
  child.stdout?.resume();
  // Drops the lines of starting calls; other output is shown, such as why the server ended.
  createInterface({ input: child.stderr as Readable }).on('line', (line) => {
    if (!line.includes('"call_started"')) process.stderr.write(`${line}\n`);
  });
  child.once('exit', (code) => {
    if (code) throw new Error(`${file} ended with ${code}`);
  });
  return child;
}

async function usageOf(child: ChildProcess): Promise<Usage> {
  const answer = once(child, 'message');
  child.send('usage');
  return (await answer)[0] as Usage;
}

async function load({ name, revision, scheme }: Server, port: number, token = '', amount: number) {
  const modern = revision === '2026-07-28';
  const params = { name: 'hello', arguments: { name: 'world' }, ...(modern ? { _meta: META } : {}) };
  // autocannon's own duration is rounded to seconds.
  const begun = performance.now();
  let ended = begun;
  const run = autocannon({
    url: `${scheme}://127.0.0.1:${port}/mcp`,
    method: 'POST',
    connections: CONNECTIONS,
    amount,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': revision,
      ...(modern ? { 'mcp-method': 'tools/call', 'mcp-name': 'hello' } : {}),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
  run.on('response', () => {
    ended = performance.now();
  });
  const result = await run;
  if (result.errors || result.non2xx) {
    throw new Error(`${name}: ${result.errors} errors, ${result.non2xx} answers that are not 2xx`);
  }
  return { latency: result.latency, seconds: (ended - begun) / 1000 };
}
