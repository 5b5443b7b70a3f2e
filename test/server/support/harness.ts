import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Started, start } from '../../clients/child.ts';
import { entry } from '../../service/support/tokens.ts';
import { programBundle, serviceBundle } from '../../support/bundles.ts';

export const ALICE = 'alice-of-test-server-0123456789-abcdef';
export const BOB = 'bob-of-test-server-0123456789-abcdefgh';
export const STRANGER = 'stranger-of-test-server-0123456789-ab';

const START_MS = 30_000;

/** @throws Error if another machine can be reached: servers that this project did not write run here */
export function requireIsolation(): void {
  if (Object.keys(networkInterfaces()).some((name) => name !== 'lo')) {
    throw new Error(
      'Start this by npm run test:server, which makes a network namespace without internet access',
    );
  }
}

/** Waits until something is true. @throws Error with the text, which tells what was said meanwhile */
export async function until(what: () => unknown, text: () => string, ms = START_MS): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error(text());
    await sleep(20);
  }
}

/** Starts a server's program, with no more of this environment than it needs. Waits until it listens. */
export async function startPeer(command: readonly string[], port: number, cwd: string): Promise<Started> {
  const variables = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: cwd, TMPDIR: tmpdir(), PORT: String(port) };
  const peer = start(command, variables, cwd);
  await until(
    () => canConnect(port),
    () => `${command.join(' ')} does not listen:\n${peer.output()}`,
  );
  return peer;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

export interface Tap {
  readonly url: string;
  /** Every byte that the server has received. */
  bytes(): string;
  forget(): void;
  stop(): void;
}

/** Passes connections on to a port, and keeps what the server receives. */
export async function startTap(port: number): Promise<Tap> {
  let bytes: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((from) => {
    const to = connect(port, '127.0.0.1');
    for (const socket of [from, to]) sockets.add(socket.on('error', () => {}));
    from.on('data', (piece) => bytes.push(piece));
    from.pipe(to).pipe(from);
    from.on('close', () => to.destroy());
    to.on('close', () => from.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    bytes: () => Buffer.concat(bytes).toString('latin1'),
    forget: () => {
      bytes = [];
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A folder with a lock, in which the service starts. */
export interface Place {
  readonly folder: string;
  /** Runs tools:pin. @returns what it printed, and its exit code */
  pin(url: string, ...more: string[]): Promise<{ text: string; code: number }>;
  lock(): LockFile;
  edit(change: (lock: LockFile) => void): void;
  remove(): void;
}

export interface LockFile {
  readonly tools: LockItem[];
  readonly resources: LockItem[];
  readonly prompts: LockItem[];
}

interface LockItem {
  readonly name: string;
  readonly uri?: string;
  readonly uriTemplate?: string;
  readonly description?: string;
  scopes: string[];
  deadlineMs: number;
}

export function createPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-server-'));
  const path = join(folder, 'tools.lock.json');
  const lock = () => JSON.parse(readFileSync(path, 'utf8')) as LockFile;
  return {
    folder,
    async pin(url, ...more) {
      const args = [programBundle('tools-pin'), '--url', url, ...more];
      const done = promisify(execFile)(process.execPath, args, { cwd: folder });
      return done.then(
        ({ stdout }) => ({ text: stdout, code: 0 }),
        ({ stdout, stderr, code }) => ({ text: `${stdout}${stderr}`, code }),
      );
    },
    lock,
    edit(change) {
      const edited = lock();
      change(edited);
      writeFileSync(path, JSON.stringify(edited));
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

export interface Service {
  readonly url: string;
  /** Audit records so far. */
  records(): Record<string, unknown>[];
  /** Waits for a record that has these members. */
  record(members: Record<string, unknown>): Promise<Record<string, unknown>>;
  output(): string;
  /** Largest resident memory so far, in MiB. */
  peakMiB(): number;
  stop(): Promise<void>;
}

/** Starts the bundle of the service as a user would, in front of a server, for alice, bob and a client without scopes. */
export async function startService(
  { folder, lock }: Pick<Place, 'folder' | 'lock'>,
  serverUrl: string,
  more: Record<string, string> = {},
): Promise<Service> {
  const { tools, resources, prompts } = lock();
  const scopes = [...new Set([...tools, ...resources, ...prompts].flatMap((item) => item.scopes))];
  const tokens = [entry(ALICE, 'alice', scopes), entry(BOB, 'bob', scopes), entry(STRANGER, 'stranger', [])];
  // As in the image: no code from text, and a heap that an endless result would exhaust.
  const node = [process.execPath, '--disallow-code-generation-from-strings', '--max-old-space-size=192'];
  const child = start(
    [...node, serviceBundle(), 'local'],
    {
      MCP_SERVER_URL: serverUrl,
      MCP_AUTH_TOKENS: 'env:TOKENS',
      TOKENS: JSON.stringify({ tokens }),
      PORT: '0',
      MCP_CLIENT_LIMIT_PER_MINUTE: '10000',
      MCP_TOOL_LIMIT_PER_MINUTE: '10000',
      ...more,
    },
    folder,
  );
  const listening = /"event":"listening".*?"port":(\d+)/;
  await until(
    () => listening.test(child.output()),
    () => `the service does not listen:\n${child.output()}`,
  );
  const records = () =>
    child
      .output()
      .split('\n')
      .filter((line) => line.includes('"type":"audit"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const has = (members: Record<string, unknown>) => (record: Record<string, unknown>) =>
    Object.entries(members).every(([name, value]) => record[name] === value);
  return {
    url: `http://127.0.0.1:${listening.exec(child.output())?.[1]}/mcp`,
    records,
    async record(members) {
      const find = () => records().find(has(members));
      await until(find, () => `no record has ${JSON.stringify(members)}:\n${child.output()}`, 5000);
      return find() ?? {};
    },
    output: child.output,
    peakMiB: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    },
    async stop() {
      child.kill();
      await child.end;
    },
  };
}
