import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type SecretsManagerStandIn, startSecretsManager } from '../service/support/secrets-manager.ts';
import { until } from '../service/support/until.ts';
import { type Gate, later, silence, startGate, webPage } from './support/gate.ts';
import {
  AUDIT_KEY,
  type FaultServer,
  figure,
  LIST,
  launch,
  startServer,
  TOKEN_LIST,
} from './support/server.ts';

const MINUTE = 60_000;

let store: SecretsManagerStandIn;
let storePort: number;
let gate: Gate;

beforeAll(async () => {
  store = await startSecretsManager({
    'mcp/tokens': TOKEN_LIST,
    'mcp/audit': JSON.stringify({ key: AUDIT_KEY }),
  });
  storePort = Number(new URL(store.url).port);
  gate = await startGate(storePort);
});
afterEach(repair);
afterAll(async () => {
  await gate.down();
  await store.close();
});

async function repair(): Promise<void> {
  store.secrets.set('mcp/tokens', TOKEN_LIST);
  gate.become();
  await gate.up();
}

const variables = () => ({
  MCP_AUTH_TOKENS: 'aws-secretsmanager:mcp/tokens',
  MCP_AUDIT_KEY: 'aws-secretsmanager:mcp/audit#key',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${gate.port}`,
});

describe('a secrets store that at the start', () => {
  test.each([
    ['refuses connections', () => gate.down(), /: ECONNREFUSED\n$/],
    ['never answers', async () => gate.become(silence), /: Secrets Manager did not answer within 3000 ms\n$/],
    ['answers with a web page', async () => gate.become(webPage), /^cannot read secret \S+: SyntaxError\n$/m],
  ])(
    '%s ends it with one line, and the next task starts when the store is back',
    async (what, fault, line) => {
      await fault();
      const begun = performance.now();
      const failing = launch(variables());
      expect(await failing.exited()).toBe(1);
      const ms = Math.round(performance.now() - begun);
      expect(failing.stderr()).toMatch(line);
      expect(failing.stdout()).toBe('');
      expect(ms).toBeLessThan(10_000);
      await repair();
      const next = await startServer(variables());
      const afterwards = await next.healthy();
      next.child.kill('SIGKILL');
      figure(`secrets store at start ${what}`, { client: 'no listener', audit: 0, exit: 1, ms, afterwards });
    },
  );

  test('is slow delays the start and nothing else', async () => {
    gate.become(later(storePort, 1000));
    const begun = performance.now();
    const slow = await startServer(variables());
    const ms = Math.round(performance.now() - begun);
    expect(ms).toBeGreaterThan(2000);
    expect(slow.records()).toEqual([]);
    const afterwards = await slow.healthy();
    expect(slow.records()).toMatchObject([{ outcome: 'ok' }]);
    slow.child.kill('SIGKILL');
    figure('secrets store at start is slow', {
      client: 'no listener until then',
      startMs: ms,
      audit: '0 until it listens, then ok',
      afterwards,
    });
  });
});

describe('a secrets store that at the refresh', () => {
  let server: FaultServer;
  beforeAll(async () => {
    server = await startServer(variables());
  });
  beforeEach(async () => {
    await server.healthy();
    // After the lifetime of the cached value.
    await server.setClock({ monotonic: MINUTE + 1000 });
  });
  afterAll(() => void server.child.kill('SIGKILL'));

  /** A client retries as it was told; its first attempt triggers a read of the list. */
  async function recover(): Promise<string> {
    await repair();
    await server.setClock({ monotonic: 6000 });
    const { status, headers } = await server.post(LIST);
    expect([status, headers['retry-after']]).toEqual([503, '5']);
    await until(async () => (await server.post(LIST)).status === 200);
    return await server.healthy();
  }

  test.each([
    ['refuses connections', () => gate.down(), 1000],
    ['never answers', async () => gate.become(silence), 4000],
    ['answers with a web page', async () => gate.become(webPage), 1000],
  ])('%s leaves the last valid list in force for 15 minutes', async (what, fault, bound) => {
    await fault();
    const first = await server.post(LIST);
    const second = await server.post(LIST);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.ms).toBeLessThan(bound);
    expect(second.ms).toBeLessThan(500);
    expect(await server.recordsOf(first.requestId)).toMatchObject([{ outcome: 'ok', clientId: 'ci' }]);
    await server.says(/"event":"secret_refresh_failed".*"reference":"aws-secretsmanager:mcp\/tokens"/);

    await server.setClock({ monotonic: 15 * MINUTE });
    const late = await server.post(LIST);
    expect([late.status, late.said, late.headers['retry-after']]).toEqual([503, 503, '5']);
    expect(await server.recordsOf(late.requestId)).toMatchObject([
      {
        outcome: 'error',
        errorCode: 'secret_unavailable',
        reason: expect.stringMatching(/^no usable token list for \d+ s$/),
      },
    ]);

    const afterwards = await recover();
    figure(`secrets store at refresh ${what}`, {
      first: first.status,
      firstMs: first.ms,
      secondMs: second.ms,
      after15min: late.status,
      lateMs: late.ms,
      audit: 'ok; then error secret_unavailable',
      afterwards,
    });
  });

  test('is slow makes no request wait longer than one read', async () => {
    gate.become(later(storePort, 1500));
    const first = await server.post(LIST);
    const second = await server.post(LIST);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.ms).toBeGreaterThan(1000);
    expect(second.ms).toBeLessThan(500);
    gate.become();
    const afterwards = await server.healthy();
    figure('secrets store at refresh is slow', {
      firstMs: first.ms,
      secondMs: second.ms,
      audit: 'ok',
      afterwards,
    });
  });

  test('has an invalid list: this is logged, and the last valid one stays in force for 15 minutes', async () => {
    store.secrets.set('mcp/tokens', '{"tokens":"all"}');
    const first = await server.post(LIST);
    expect(first.status).toBe(200);
    await server.says(/"event":"token_list_invalid"/);
    await server.setClock({ monotonic: 16 * MINUTE });
    const late = await server.post(LIST);
    expect(late.status).toBe(503);
    expect(await server.recordsOf(late.requestId)).toMatchObject([{ errorCode: 'secret_unavailable' }]);
    store.secrets.set('mcp/tokens', TOKEN_LIST);
    await server.setClock({ monotonic: MINUTE });
    const afterwards = await server.healthy();
    figure('secrets store has a token list that is none', {
      first: first.status,
      firstMs: first.ms,
      after15min: late.status,
      audit: 'ok; then error secret_unavailable',
      afterwards,
    });
  });
});
