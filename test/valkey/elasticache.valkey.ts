import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from '@redis/client';
import { NOTHING_DENIED } from '../../service/auth/access-document.ts';
import { createValkeyLimiter } from '../../service/limits/valkey-limiter.ts';
import { combinations } from '../infra/combinations.ts';
import { containerEnvironment } from '../infra/container-environment.ts';
import { only, template } from '../infra/templates.ts';
import { portOf, postToBundle, startBundle } from '../service/support/deployed-bundle.ts';
import { createMemoryLog } from '../service/support/oauth-app.ts';
import type { RunningProcess } from '../service/support/start-process.ts';
import { createStoreCertificate } from '../service/support/store-certificate.ts';
import { entry } from '../service/support/tokens.ts';
import { until } from '../service/support/until.ts';
import { type IamFront, startIamFront } from './iam-front.ts';
import { type RealValkey, startValkey } from './server.ts';

const stack = template(combinations.valkey);
const { UserName: username, AccessString: access } = only(stack, 'AWS::ElastiCache::User').Properties;
const told = containerEnvironment(stack);

const tls = await createStoreCertificate();
const operatorPassword = randomBytes(24).toString('base64url');
const password = randomBytes(24).toString('base64url');
const secretAccessKey = randomBytes(30).toString('base64url');

/** Texts of Valkey and Redis for a missing permission, of a command and within a script. */
const NO_RIGHT = /NOPERM|ACL failure|user executing the script can't (?:run|access)|not allowed from script/;

let valkey: RealValkey;
let operator: ReturnType<typeof connect>;
const opened: (() => unknown)[] = [];

function connect(user: string, pass: string) {
  return createClient({
    username: user,
    password: pass,
    disableClientInfo: true,
    socket: { host: '127.0.0.1', port: valkey.port, reconnectStrategy: false },
  }).on('error', () => {});
}

/** A connection as the user of the template. */
async function asTask() {
  const client = connect(username, password);
  await client.connect();
  opened.push(() => client.destroy());
  return client;
}

beforeAll(async () => {
  // ElastiCache Serverless looks like one node with every slot to its clients.
  valkey = await startValkey({
    configuration: [
      'cluster-enabled yes',
      `user operator on >${operatorPassword} ~* &* +@all`,
      'user default off',
    ],
  });
  operator = connect('operator', operatorPassword);
  await operator.connect();
  await operator.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
  await until(async () =>
    String(await operator.sendCommand(['CLUSTER', 'INFO'])).includes('cluster_state:ok'),
  );
  await operator.sendCommand(['ACL', 'SETUSER', username, `>${password}`, ...access.split(' ')]);
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  await operator.flushAll();
});
afterAll(async () => {
  operator?.destroy();
  await valkey?.stop();
});

describe('the user of the template, on a real server in cluster mode', () => {
  test('has all permissions that counting needs', async () => {
    const log = createMemoryLog();
    const limiter = await createValkeyLimiter({
      server: { host: '127.0.0.1', port: valkey.port, tls: false, username },
      password: async () => password,
      service: 'https://mcp.example.com/mcp',
      failure: 'deny',
      now: () => performance.now(),
      logger: log,
    });
    opened.push(() => limiter.close());
    const calls = Array.from({ length: 200 }, (_, i) => limiter.consume(`client:${i % 50}`, 3));
    expect((await Promise.all(calls)).filter((wait) => wait === 0)).toHaveLength(150);
    expect(log.lines).toEqual([]);
  });

  test('needs each command that it has', async () => {
    for (const command of access.match(/\+\w+/g)) {
      const without = access.split(' ').filter((word: string) => word !== command);
      await operator.sendCommand(['ACL', 'SETUSER', 'less', 'reset', '>less', ...without]);
      const log = createMemoryLog();
      const limiter = await createValkeyLimiter({
        server: { host: '127.0.0.1', port: valkey.port, tls: false, username: 'less' },
        password: async () => 'less',
        service: 'https://mcp.example.com/mcp',
        failure: 'deny',
        now: () => performance.now(),
        logger: log,
      });
      await operator.sendCommand(['SCRIPT', 'FLUSH']);
      const outcomes = await Promise.allSettled([1, 2].map(() => limiter.consume('a', 2)));
      limiter.close();
      expect([command, outcomes.map(({ status }) => status)]).toEqual([command, ['rejected', 'rejected']]);
      expect(log.lines.join()).toMatch(NO_RIGHT);
    }
    await operator.sendCommand(['ACL', 'DELUSER', 'less']);
  });

  test('is refused every other command', async () => {
    const client = await asTask();
    const commands = (await operator.sendCommand(['COMMAND'])) as unknown as [
      string,
      number,
      string[],
      ...unknown[],
    ][];
    const refused: string[] = [];
    const allowed: string[] = [];
    const attempt = async ([name, arity, flags, ...rest]: (typeof commands)[number]) => {
      const subcommands = rest[6] as typeof commands;
      for (const subcommand of subcommands) await attempt(subcommand);
      if (subcommands.length > 0) return;
      // Commands that end or begin a session need no permission.
      if (flags.includes('no_auth')) return;
      const words = [...name.split('|'), ...Array(Math.max(Math.abs(arity) - 1, 0)).fill('mcp:1')];
      const answer = await client.sendCommand(words.slice(0, Math.abs(arity))).then(
        () => 'answered',
        (error: Error) => error.message,
      );
      // The server's configuration disables these before it checks permissions.
      const closed = /^(?:NOPERM|EXECABORT.*NOPERM)|command not allowed/.test(answer);
      (closed ? refused : allowed).push(name);
    };
    for (const command of commands) await attempt(command);
    expect(allowed.sort()).toEqual(access.match(/(?<=\+)\w+/g).sort());
    expect(refused.length).toBeGreaterThan(250);
    expect(refused).toEqual(
      expect.arrayContaining([
        'get',
        'set',
        'flushall',
        'config|get',
        'acl|setuser',
        'script|load',
        'keys',
        'publish',
        'subscribe',
        'cluster|info',
        'shutdown',
      ]),
    );
  });

  test.each([
    ['another command', "return redis.call('GET', KEYS[1])", 'mcp:a'],
    ['a key of another service', "return redis.call('LPUSH', KEYS[1], '1')", 'session:a'],
    ['a key that it does not declare', "return redis.call('LPUSH', 'session:a', '1')", 'mcp:a'],
    ['a change of the server', "return redis.call('CONFIG', 'SET', 'maxmemory', '1')", 'mcp:a'],
  ])('is refused a script that runs %s', async (_what, script, key) => {
    const client = await asTask();
    await expect(client.eval(script, { keys: [key], arguments: [] })).rejects.toThrow(NO_RIGHT);
    expect(await operator.exists('session:a')).toBe(0);
  });

  test('is the only user: without it, or with another password, no call is served', async () => {
    const stranger = createClient({
      disableClientInfo: true,
      socket: { host: '127.0.0.1', port: valkey.port, reconnectStrategy: false },
    }).on('error', () => {});
    await stranger.connect().catch(() => {});
    await expect(stranger.sendCommand(['GET', 'mcp:a'])).rejects.toThrow(/NOAUTH|closed/);
    if (stranger.isOpen) stranger.destroy();
    await expect(connect(username, 'guessed').connect()).rejects.toThrow('WRONGPASS');
  });
});

describe('the deployed process with the settings of the template', () => {
  const token = 'ci-0123456789-abcdefghijklmnop';
  const directory = mkdtempSync(join(tmpdir(), 'mcp-elasticache-'));
  let front: IamFront;
  let role: Server;

  beforeAll(async () => {
    execFileSync('npm', ['run', '--silent', 'build']);
    writeFileSync(join(directory, 'ca.pem'), tls.cert);
    front = await startIamFront({ tls, port: valkey.port, password, secretAccessKey });
    // The ECS agent, which provides the role's keys.
    role = createServer((_request, response) => {
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          AccessKeyId: 'ASIAEXAMPLE',
          SecretAccessKey: secretAccessKey,
          Token: 'session',
          Expiration,
        }),
      );
    });
    await new Promise<void>((resolve) => role.listen(0, '127.0.0.1', resolve));
  }, 60_000);
  afterAll(async () => {
    await front.close();
    role.close();
    rmSync(directory, { recursive: true });
  });

  async function start(more: Record<string, string> = {}): Promise<{ bundle: RunningProcess; port: number }> {
    const bundle = startBundle({
      ...told,
      HOST: '127.0.0.1',
      PORT: '0',
      MCP_AUTH_TOKENS: 'env:TOKENS',
      MCP_ACCESS_LIST: 'env:ACCESS_LIST',
      ACCESS_LIST: NOTHING_DENIED,
      TOKENS: JSON.stringify({ tokens: [entry(token, 'ci', ['scrape'])] }),
      MCP_AUDIT_KEY: 'env:AUDIT_KEY',
      AUDIT_KEY: 'k'.repeat(32),
      MCP_CLIENT_LIMIT_PER_MINUTE: '20',
      MCP_RATE_LIMIT_STORE: told['MCP_RATE_LIMIT_STORE']?.replace(/@.*/, `@localhost:${front.port}`) ?? '',
      NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'),
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${(role.address() as AddressInfo).port}/role`,
      ...more,
    });
    opened.push(async () => {
      bundle.child.kill('SIGKILL');
      await bundle.exited();
    });
    return { bundle, port: await portOf(bundle) };
  }

  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const statuses = (ports: readonly number[], count: number) =>
    Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const { status } = await postToBundle(ports[i % ports.length] ?? 0, token, list);
        return status;
      }),
    );

  test('authenticates with the role’s keys, and two processes count together', async () => {
    front.signIns.length = 0;
    const tasks = [await start(), await start()];
    const answers = await statuses(
      tasks.map(({ port }) => port),
      40,
    );
    expect(answers.filter((status) => status === 200)).toHaveLength(20);
    expect(answers.filter((status) => status === 429)).toHaveLength(20);
    const cache = only(stack, 'AWS::ElastiCache::ServerlessCache').Properties.ServerlessCacheName;
    expect(front.signIns).toEqual(Array(2).fill({ user: username, cache, region: 'us-east-1' }));
    expect(front.others).toEqual([]);
    for (const { bundle } of tasks) {
      expect(bundle.stderr()).not.toContain('rate_limit_store_down');
      for (const secret of [secretAccessKey, 'X-Amz-Signature'])
        expect(bundle.stderr() + bundle.stdout()).not.toContain(secret);
    }
  }, 60_000);

  test.each([
    ['deny', 503],
    ['allow', 200],
  ])(
    'is refused with the keys of another role: failure %s',
    async (failure, status) => {
      const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'another' };
      const { bundle, port } = await start({ ...keys, MCP_RATE_LIMIT_STORE_FAILURE: failure });
      expect(await statuses([port], 3)).toEqual(Array(3).fill(status));
      expect(bundle.stderr()).toMatch(/"event":"rate_limit_store_down".*WRONGPASS/);
      expect(front.signIns.at(-1)).toBeUndefined();
    },
    60_000,
  );
});
