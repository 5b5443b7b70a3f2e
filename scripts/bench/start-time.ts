import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { imageOptions, nodePath, SERVER_CORE } from './servers.ts';

const ROUNDS = 7;
const POLL_MS = 2;
const PLAIN =
  "require('node:http').createServer((_, r) => r.end('ok')).listen(Number(process.argv[1]), '127.0.0.1')";

/** Median milliseconds from a process's start to its first 200: `node -e` with an HTTP server, and the bundle. */
export async function startTimes(): Promise<{ readonly plainMs: number; readonly oursMs: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-bench-'));
  const plain: number[] = [];
  const ours: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      plain.push(
        await timeOf(
          (port) => spawn('taskset', ['-c', SERVER_CORE, nodePath(), '-e', PLAIN, String(port)], { env: {} }),
          httpGet,
        ),
      );
      ours.push(await timeOf((port) => startBundle(folder, port), httpsGet));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { plainMs: median(plain), oursMs: median(ours) };
}

/** Starts the output of `npm run build`, with the image's options and the minimal settings of the deployed profile. */
function startBundle(folder: string, port: number): ChildProcess {
  const sha256 = createHash('sha256').update('x'.repeat(43)).digest('hex');
  const entry = { sha256, clientId: 'bench', scopes: [], expiresAt: '2999-01-01T00:00:00Z' };
  writeFileSync(join(folder, 'tokens'), JSON.stringify({ tokens: [entry] }));
  writeFileSync(join(folder, 'key'), 'k'.repeat(32));
  const dist = join(import.meta.dirname, '../../dist');
  const command = [nodePath(), ...imageOptions(dist), `--allow-fs-read=${folder}/`, join(dist, 'main.cjs')];
  return spawn('taskset', ['-c', SERVER_CORE, ...command], {
    stdio: 'ignore',
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      MCP_PUBLIC_URL: 'https://mcp.example.com/mcp',
      MCP_AUTH_TOKENS: `file:${folder}/tokens`,
      MCP_AUDIT_KEY: `file:${folder}/key`,
      SCRAPE_ALLOWED_DOMAINS: 'example.com',
    },
  });
}

async function timeOf(
  start: (port: number) => ChildProcess,
  get: typeof httpGet | typeof httpsGet,
): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const child = start(port);
  try {
    while (!(await isHealthy(get, port))) {
      if (child.exitCode !== null) throw new Error(`the process ended with ${child.exitCode}`);
      await sleep(POLL_MS);
    }
    return performance.now() - began;
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

function isHealthy(get: typeof httpGet | typeof httpsGet, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/healthz', rejectUnauthorized: false };
    get(options, (response) => resolve(response.resume().statusCode === 200)).on('error', () =>
      resolve(false),
    );
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** The middle value, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [below, above] = [Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2)];
  return ((sorted[below] ?? Number.NaN) + (sorted[above] ?? Number.NaN)) / 2;
}
