import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { MAX_BUNDLE_MIB } from '../container/ceilings.ts';
import {
  imageOptions,
  nodeOptions,
  portOf,
  postToBundle,
  startBundle as startDeployed,
} from '../service/support/deployed-bundle.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '../service/support/secrets-manager.ts';
import { callOf } from '../service/support/start-app.ts';
import type { RunningProcess } from '../service/support/start-process.ts';
import { createStoreCertificate } from '../service/support/store-certificate.ts';
import { entry } from '../service/support/tokens.ts';
import { until } from '../service/support/until.ts';
import { startValkeyStandIn, type ValkeyStandIn } from '../service/support/valkey-stand-in.ts';
import { serviceBundle } from '../support/bundles.ts';

const TOKEN = 'deployed-token-0123456789-abcdefgh';
const AUDIT_KEY = randomBytes(32).toString('hex');

const dockerfile = readFileSync(new URL('../../service/Dockerfile', import.meta.url), 'utf8');
const healthCheck = JSON.parse(/ CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]') as string[];

let store: SecretsManagerStandIn;
let server: RunningProcess;
let port: number;

function variables(more: Record<string, string> = {}): Record<string, string> {
  return {
    HOST: '127.0.0.1',
    PORT: '0',
    MCP_PUBLIC_URL: 'https://mcp.example.com/mcp',
    MCP_AUTH_TOKENS: 'aws-secretsmanager:mcp/tokens',
    MCP_AUDIT_KEY: 'aws-secretsmanager:mcp/audit#key',
    SCRAPE_ALLOWED_DOMAINS: 'example.com',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'secret-access-key-of-the-tests',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
    ...more,
  };
}

const startBundle = (more?: Record<string, string>, stdoutFd?: number) =>
  startDeployed(variables(more), stdoutFd);

beforeAll(async () => {
  store = await startSecretsManager({
    'mcp/tokens': JSON.stringify({ tokens: [entry(TOKEN, 'ci', ['scrape'])] }),
    'mcp/audit': JSON.stringify({ key: AUDIT_KEY }),
  });
  server = startBundle();
  port = await portOf(server);
}, 60_000);
afterAll(async () => {
  server.child.kill('SIGKILL');
  await store.close();
});

const post = (body: object, headers?: Record<string, string>, to = port) =>
  postToBundle(to, TOKEN, body, headers);

const lines = () =>
  server
    .stdout()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

async function record(index: number) {
  for (let i = 0; i < 200 && lines().length <= index; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return lines()[index];
}

describe('the deployed bundle', () => {
  test('speaks only TLS 1.2 and later, with a self-made certificate', async () => {
    const protocol = (maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3', ciphers = 'DEFAULT') =>
      new Promise((resolve) => {
        const minVersion = maxVersion === 'TLSv1.1' ? 'TLSv1.1' : 'TLSv1.2';
        const options = {
          host: '127.0.0.1',
          port,
          rejectUnauthorized: false,
          minVersion,
          maxVersion,
        } as const;
        const socket = connect({ ...options, ciphers: `${ciphers}@SECLEVEL=0` }, () => {
          resolve(`${socket.getProtocol()} ${socket.getPeerCertificate().asn1Curve}`);
          socket.end();
        });
        socket.on('error', () => resolve('refused'));
      });
    expect(await protocol('TLSv1.3')).toBe('TLSv1.3 prime256v1');
    expect(await protocol('TLSv1.1')).toBe('refused');
    expect(await protocol('TLSv1.2', 'AESGCM')).toBe('TLSv1.2 prime256v1');
    expect(await protocol('TLSv1.2', 'DEFAULT:!AESGCM:!CHACHA20')).toBe('refused');
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });

  test('passes the health check of its image', () => {
    expect(healthCheck[0]).toBe('/nodejs/bin/node');
    const script = healthCheck[2]?.replace('port:8443', `port:${port}`) ?? '';
    expect(() => execFileSync(process.execPath, ['-e', script])).not.toThrow();
    expect(() =>
      execFileSync(process.execPath, ['-e', healthCheck[2]?.replace('port:8443', 'port:1') ?? '']),
    ).toThrow();
  });

  test('knows its clients from Secrets Manager and records the address that the load balancer saw', async () => {
    const first = lines().length;
    const spoofed = { 'x-forwarded-for': '6.6.6.6, 203.0.113.9' };
    const { status, text } = await post(
      callOf('fetch_page', { url: 'https://not-allowed.example/' }),
      spoofed,
    );
    expect(status).toBe(200);
    expect(text).toContain('This URL may not be fetched from here');
    expect(await record(first)).toMatchObject({
      clientId: 'ci',
      sourceIp: '203.0.113.9',
      outcome: 'denied',
      errorCode: 'url_refused',
    });
  });

  test('responds to its public host name only', async () => {
    expect((await post(callOf('fetch_page'), { host: '127.0.0.1' })).status).toBe(403);
    expect((await post(callOf('fetch_page'), { host: 'mcp.example.com:443' })).status).toBe(200);
    expect((await post(callOf('fetch_page'), { origin: 'https://mcp.example.com' })).status).toBe(200);
    expect((await post(callOf('fetch_page'), { origin: 'http://localhost' })).status).toBe(403);
  });

  test('reads the secrets store once, not once per request', async () => {
    for (let i = 0; i < 5; i++) await post({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect(store.reads()).toBe(2);
  });

  test('counts refused tokens by the address that the outermost proxy saw', async () => {
    const other = startBundle({ MCP_TRUSTED_HOPS: '2', MCP_AUTH_FAILURE_LIMIT_PER_MINUTE: '2' });
    const to = JSON.parse((await other.says(/^\{.*"event":"listening".*\}$/m))[0]).port;
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const from = (client: string, token: string) =>
      post(
        list,
        { authorization: `Bearer ${token}`, 'x-forwarded-for': `6.6.6.6, ${client}, 203.0.113.9` },
        to,
      );
    for (const status of [401, 401, 429]) {
      expect((await from('198.51.100.7', `guess-${status}-0123456789`)).status).toBe(status);
    }
    expect((await from('198.51.100.7', TOKEN)).status).toBe(429);
    expect((await from('198.51.100.8', TOKEN)).status).toBe(200);
    other.child.kill('SIGKILL');
  });

  test('on SIGTERM exits 0', async () => {
    const other = startBundle();
    await other.says(/"event":"listening"/);
    other.child.kill('SIGTERM');
    expect(await other.exited(5000)).toBe(0);
  });
});

describe('the bundle with a shared rate limit store', () => {
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  let directory: string;
  let shared: ValkeyStandIn;
  let ca: string;
  let bundle: RunningProcess;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'mcp-store-'));
    const tls = await createStoreCertificate();
    ca = join(directory, 'ca.pem');
    writeFileSync(ca, tls.cert);
    shared = await startValkeyStandIn({ tls });
  });
  afterEach(async () => {
    shared.behaviour = undefined;
    bundle.child.kill('SIGKILL');
    await bundle.exited();
  });
  afterAll(async () => {
    await shared.close();
    rmSync(directory, { recursive: true });
  });

  function start(more: Record<string, string>): Promise<number> {
    bundle = startBundle({ MCP_RATE_LIMIT_STORE: `rediss://localhost:${shared.port}`, ...more });
    return portOf(bundle);
  }

  test('counts in it over TLS', async () => {
    const to = await start({ NODE_EXTRA_CA_CERTS: ca, MCP_CLIENT_LIMIT_PER_MINUTE: '3' });
    shared.commands.length = 0;
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await post(list, {}, to)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(shared.commands).toHaveLength(4);
    expect(bundle.stderr()).not.toContain('rate_limit_store_down');
  });

  test.each([
    ['an unknown authority', () => ({})],
    ['an unknown authority, whatever Node is told', () => ({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })],
    [
      'another host’s certificate',
      () => ({ NODE_EXTRA_CA_CERTS: ca, MCP_RATE_LIMIT_STORE: `rediss://127.0.0.1:${shared.port}` }),
    ],
  ])('starts, logs the problem and refuses every call when the store shows %s', async (_what, more) => {
    shared.commands.length = 0;
    const to = await start(more() as Record<string, string>);
    expect(bundle.stderr()).toMatch(/"event":"rate_limit_store_down".*"code":"[A-Z_]*CERT[A-Z_]*"/);
    expect((await post(list, {}, to)).status).toBe(503);
    expect(shared.commands).toEqual([]);
  });

  test('on SIGTERM while the store hangs exits 0 in time, with a record of the call', async () => {
    const to = await start({ NODE_EXTRA_CA_CERTS: ca });
    shared.behaviour = () => undefined;
    shared.commands.length = 0;
    const call = post(list, {}, to);
    await until(() => shared.commands.length > 0);
    bundle.child.kill('SIGTERM');
    expect((await call).status).toBe(503);
    expect(await bundle.exited(5000)).toBe(0);
    expect(bundle.stdout()).toContain('"errorCode":"limits_unavailable"');
  });
});

test('a stalled log driver does not delay the end of the process', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mcp-stall-'));
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  const pipe = openSync(join(directory, 'pipe'), constants.O_RDWR);
  // The pipe is full to its last byte, and no process reads it.
  const full = openSync(join(directory, 'pipe'), constants.O_WRONLY | constants.O_NONBLOCK);
  expect(() => {
    for (;;) writeSync(full, Buffer.alloc(4096));
  }).toThrow(/EAGAIN/);
  const stalled = startBundle({ MCP_CLIENT_LIMIT_PER_MINUTE: '100000' }, pipe);
  const to = await portOf(stalled);
  const { status } = await post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, {}, to);
  expect(status).toBe(200);
  stalled.child.kill('SIGTERM');
  expect(await stalled.exited(8000)).toBe('SIGKILL');
  for (const fd of [pipe, full]) closeSync(fd);
  rmSync(directory, { recursive: true });
});

describe('a deployed start that cannot work stops with one line that names the fix', () => {
  test.each([
    [
      'an unknown secret',
      { MCP_AUTH_TOKENS: 'aws-secretsmanager:mcp/none' },
      'cannot read secret aws-secretsmanager:mcp/none: ResourceNotFoundException',
    ],
    [
      'a store that does not answer',
      { MCP_AUTH_TOKENS: 'aws-secretsmanager:mcp/hangs' },
      'cannot read secret aws-secretsmanager:mcp/hangs: Secrets Manager did not answer within 3000 ms\n',
    ],
    [
      'an unknown key of a secret',
      { MCP_AUDIT_KEY: 'aws-secretsmanager:mcp/audit#none' },
      'cannot read secret aws-secretsmanager:mcp/audit#none: it has no such key with a string value',
    ],
    [
      'an invalid token list',
      { MCP_AUTH_TOKENS: 'aws-secretsmanager:mcp/audit' },
      'cannot read secret aws-secretsmanager:mcp/audit: MCP_AUTH_TOKENS: the token list is not usable: tokens: Invalid input: expected array, received undefined\n',
    ],
    [
      'a short audit key',
      { MCP_AUDIT_KEY: 'env:AWS_REGION' },
      'cannot read secret env:AWS_REGION: MCP_AUDIT_KEY must have at least 32 bytes, got 9\n',
    ],
    ['no public URL', { MCP_PUBLIC_URL: '' }, 'MCP_PUBLIC_URL is required'],
    [
      'a private origin',
      { SCRAPE_LOCAL_ORIGINS: 'http://127.0.0.1:1' },
      'SCRAPE_LOCAL_ORIGINS is for the local profile only; remove it',
    ],
  ])('%s', async (_what, more, message) => {
    const failing = startBundle(more);
    expect(await failing.exited()).toBe(1);
    expect(failing.stderr()).toMatch(
      typeof message === 'string' ? message.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') : message,
    );
    expect(failing.stderr()).not.toContain(AUDIT_KEY);
  });
});

describe('the Node options of the image', () => {
  test.each([
    ['write a file', "require('fs').writeFileSync('/tmp/mcp-escape', '')"],
    ['read a file that is not its own', "require('fs').readFileSync('/etc/passwd')"],
    ['start a process', "require('child_process').execFileSync('/bin/true')"],
    ['start a worker', "new (require('worker_threads').Worker)('', { eval: true })"],
    ['run text as code', "new Function('return 1')()"],
  ])('do not let it %s', (_what, code) => {
    const file = join(process.cwd(), 'dist', 'attempt.cjs');
    writeFileSync(file, `try { ${code}; process.exit(0); } catch (error) { process.exit(42); }`);
    const { status } = spawnSync(process.execPath, [...nodeOptions, file]);
    rmSync(file);
    expect(status).toBe(42);
  });
});

describe('the image', () => {
  test('has a bundle below its ceiling', () => {
    expect(statSync(serviceBundle()).size / 1024 ** 2).toBeLessThanOrEqual(MAX_BUNDLE_MIB);
  });

  test('takes its bases as arguments and pins the runtime by digest', () => {
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=\S+:nonroot@sha256:[0-9a-f]{64}$/m);
    expect(dockerfile).toMatch(/^ARG BUILD_IMAGE=node:\d+\.\d+\.\d+-\S+$/m);
    expect(dockerfile.match(/^FROM .*$/gm)).toEqual([
      expect.stringMatching(/^FROM --platform=\$BUILDPLATFORM \$\{BUILD_IMAGE\} AS build$/),
      expect.stringMatching(/^FROM \$\{NODE_IMAGE\}$/),
    ]);
  });

  test('runs a read-only file of root’s, beside the pinned tools, as 65532 under the permission model, and its runtime stage runs no command', () => {
    const runtime = dockerfile.slice(dockerfile.lastIndexOf('FROM '));
    expect(runtime).toMatch(/^USER 65532:65532$/m);
    expect(runtime.match(/^COPY .*$/gm)).toEqual([
      'COPY --from=build --chown=0:0 --chmod=0444 /build/dist/main.cjs /build/dist/tools.lock.json /app/',
    ]);
    expect(runtime).not.toMatch(/^(RUN|ADD|VOLUME|WORKDIR|SHELL) /m);
    expect(imageOptions).toEqual([
      '--permission',
      '--allow-fs-read=/app/',
      '--allow-fs-read=/run/secrets/',
      '--disallow-code-generation-from-strings',
      '--no-experimental-sqlite',
    ]);
  });
});
