import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NOTHING_DENIED } from '../../../service/auth/access-document.ts';
import { createAccessList, type StoredAccessList } from '../../../service/auth/access-list.ts';
import { createConcurrencyLimits } from '../../../service/limits/concurrency-limits.ts';
import { createMemoryLog, startOAuthApp } from '../support/oauth-app.ts';
import { callOf, modern, type RunningApp } from '../support/start-app.ts';
import { until } from '../support/until.ts';
import { useIssuer } from '../support/use-issuer.ts';
import { watchedSlots } from '../support/watched-slots.ts';

const issuer = useIssuer();
const { tokenOf } = issuer;
let app: RunningApp;
let access: StoredAccessList;
let text = NOTHING_DENIED;
let clock = Date.parse('2026-12-01T00:00:00Z');
beforeAll(async () => {
  access = await createAccessList({
    document: async () => ({ value: text, readAt: 0 }),
    now: () => clock,
    logger: createMemoryLog(),
  });
  app = await startOAuthApp({ issuer: issuer.url, access, userLimitPerMinute: 1000 });
});
afterAll(() => app.stop());

const deny = (entries: object) => {
  text = JSON.stringify({ deny: entries });
  return access.refresh();
};

/** One request of an era. */
async function send(era: string, method: string, params: Record<string, unknown>, token: string) {
  const { body, headers } =
    era === 'modern'
      ? modern(method, params)
      : { body: { jsonrpc: '2.0', id: 1, method, params }, headers: {} };
  const response = await app.post(body, { ...headers, authorization: `Bearer ${token}` });
  const { result, error } = (await response.json()) as {
    result?: { tools?: { name: string }[] };
    error?: { code: number; message: string };
  };
  return { status: response.status, error, tools: result?.tools?.map(({ name }) => name) };
}
const ECHO = { name: 'echo', arguments: { text: 'hi' } };
const REFUSED = {
  status: 403,
  error: { code: 403, message: 'The operator of this server has denied access' },
};

describe.each(['legacy', 'modern'])('the access list, %s era', (era) => {
  test('cuts off one user of a client, for calls and for lists, while the others work', async () => {
    const [ann, ben] = [await tokenOf('ann'), await tokenOf('ben')];
    await deny({});
    expect((await send(era, 'tools/call', ECHO, ann)).status).toBe(200);
    const before = app.auditText().split('\n').length;
    await deny({ users: [{ id: 'ann', reason: 'left on Monday' }] });
    expect(await send(era, 'tools/call', ECHO, ann)).toMatchObject(REFUSED);
    expect(await send(era, 'tools/list', {}, ann)).toMatchObject(REFUSED);
    expect(await send(era, 'ping', {}, ann)).toMatchObject(REFUSED);
    expect((await send(era, 'tools/call', ECHO, ben)).status).toBe(200);
    expect((await app.audit(before + 3)).at(-2)).toMatchObject({
      ...{ clientId: 'connector', userId: 'ann', outcome: 'denied', errorCode: 'access_denied' },
      reason: 'user denied: left on Monday',
    });
    await deny({});
    expect((await send(era, 'tools/call', ECHO, ann)).status).toBe(200);
  });

  test('cuts off a client with all its users, and no other client', async () => {
    await deny({ clients: [{ id: 'connector' }] });
    expect(await send(era, 'tools/call', ECHO, await tokenOf('ann'))).toMatchObject(REFUSED);
    expect(await send(era, 'tools/list', {}, await tokenOf('connector'))).toMatchObject(REFUSED);
    expect((await send(era, 'tools/call', ECHO, await tokenOf('ann', 'other'))).status).toBe(200);
  });

  test('withdraws a tool: it is neither listed nor callable, and others are', async () => {
    const token = await tokenOf('ann');
    await deny({});
    const { tools = [] } = await send(era, 'tools/list', {}, token);
    await deny({ tools: [{ id: 'echo' }] });
    expect((await send(era, 'tools/list', {}, token)).tools).toEqual(tools.filter((one) => one !== 'echo'));
    const refused = await send(era, 'tools/call', ECHO, token);
    expect(refused).toMatchObject({ status: 403, error: { code: 403 } });
    expect(refused.error?.message).toBe('The operator of this server has denied access: tool echo');
    await deny({});
    expect((await send(era, 'tools/list', {}, token)).tools).toEqual(tools);
  });

  test('refuses a protocol version, and only that one', async () => {
    const token = await tokenOf('ann');
    const id = era === 'modern' ? '2026-07-28' : '2025-03-26';
    await deny({ protocolVersions: [{ id }] });
    const refused = await send(era, 'tools/list', {}, token);
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.error?.message).toContain(`protocol version ${id}`);
    expect((await send(era === 'modern' ? 'legacy' : 'modern', 'tools/list', {}, token)).status).toBe(200);
  });

  test('an entry ends by itself', async () => {
    const token = await tokenOf('ann');
    await deny({ users: [{ id: 'ann', expiresAt: '2026-12-01T01:00:00Z' }] });
    expect(await send(era, 'tools/call', ECHO, token)).toMatchObject(REFUSED);
    clock += 3_600_000;
    expect((await send(era, 'tools/call', ECHO, token)).status).toBe(200);
    clock -= 3_600_000;
  });
});

test('a handshake of a denied version is refused', async () => {
  await deny({ protocolVersions: [{ id: '2024-11-05' }] });
  const params = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
  const authorization = `Bearer ${await tokenOf('ann')}`;
  const body = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
  expect((await app.post(body, { authorization })).status).toBe(403);
  const later = { ...body, params: { ...params, protocolVersion: '2025-11-25' } };
  expect((await app.post(later, { authorization })).status).toBe(200);
  const call = await app.post(callOf('echo'), { authorization, 'mcp-protocol-version': '2024-11-05' });
  expect(call.status).toBe(403);
  await deny({});
});

test('a call that waits for a slot does not run when its user is cut off meanwhile', async () => {
  const limits = createConcurrencyLimits({ maxConcurrent: 2, smallBodies: 10, largeBodies: 10 });
  const { concurrency, waited } = watchedSlots(limits);
  const full = await startOAuthApp({ issuer: issuer.url, access, concurrency });
  const { signal } = new AbortController();
  const leave = await limits.maxConcurrent.enter('x', signal);
  await limits.maxConcurrent.enter('y', signal);
  await deny({});
  const call = full.post(callOf('echo'), { authorization: `Bearer ${await tokenOf('ann')}` });
  await until(waited);
  await deny({ users: [{ id: 'ann' }] });
  leave();
  expect((await call).status).toBe(403);
  expect(await full.logText()).not.toContain('call_started');
  await full.stop();
  await deny({});
});

test('a caller that was cut off takes nothing from the limit of its client', async () => {
  const small = await startOAuthApp({ issuer: issuer.url, access, clientLimitPerMinute: 1 });
  await deny({ users: [{ id: 'ann' }] });
  const statuses = [];
  for (const sub of ['ann', 'ann', 'ben']) {
    const authorization = `Bearer ${await tokenOf(sub)}`;
    statuses.push((await small.post(callOf('echo'), { authorization })).status);
  }
  expect(statuses).toEqual([403, 403, 200]);
  await small.stop();
  await deny({});
});
