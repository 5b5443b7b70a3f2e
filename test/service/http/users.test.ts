import { describe, expect, test } from '@jest/globals';
import { createConcurrencyLimits } from '../../../service/limits/concurrency-limits.ts';
import { type OAuthAppOptions, startOAuthApp } from '../support/oauth-app.ts';
import { callOf, modern, type RunningApp } from '../support/start-app.ts';
import { TEST_TOOLS, tool } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { useIssuer } from '../support/use-issuer.ts';

const issuer = useIssuer();
const { tokenOf } = issuer;
const start = (options: Partial<OAuthAppOptions>) => startOAuthApp({ issuer: issuer.url, ...options });

async function call(app: RunningApp, token: string, era: string): Promise<number> {
  const authorization = `Bearer ${token}`;
  const { body, headers } = modern('tools/call', { name: 'echo', arguments: { text: 'hi' } });
  const response =
    era === 'modern'
      ? await app.post(body, { ...headers, authorization })
      : await app.post(callOf('echo'), { authorization });
  return response.status;
}

describe.each(['legacy', 'modern'])('two people of one client, %s era', (era) => {
  test('have limits of their own', async () => {
    const app = await start({ userLimitPerMinute: 2 });
    const [ann, ben] = [await tokenOf('ann'), await tokenOf('ben')];
    const statuses = [];
    for (const token of [ann, ann, ann, ben, ben, ben]) statuses.push(await call(app, token, era));
    expect(statuses).toEqual([200, 200, 429, 200, 200, 429]);
    await app.stop();
  });

  test('have limits of their own for each tool', async () => {
    const app = await start({ toolLimitPerMinute: 2 });
    const [ann, ben] = [await tokenOf('ann'), await tokenOf('ben')];
    const statuses = [];
    for (const token of [ann, ann, ann, ben]) statuses.push(await call(app, token, era));
    expect(statuses).toEqual([200, 200, 429, 200]);
    await app.stop();
  });

  test('share the limit of the client, from which a refused user takes nothing', async () => {
    const app = await start({ userLimitPerMinute: 2, clientLimitPerMinute: 3 });
    const [ann, ben, other] = [await tokenOf('ann'), await tokenOf('ben'), await tokenOf('ann', 'other')];
    const statuses = [];
    for (const token of [ann, ann, ann, ann, ben, ben, other]) statuses.push(await call(app, token, era));
    expect(statuses).toEqual([200, 200, 429, 429, 200, 429, 200]);
    await app.stop();
  });

  test('have records and call_started lines of their own', async () => {
    const app = await start({});
    for (const sub of ['ann', 'ben', 'connector']) await call(app, await tokenOf(sub), era);
    const callers = (lines: readonly Record<string, unknown>[]) =>
      lines.map(({ clientId, userId }) => [clientId, userId]);
    const expected = [
      ['connector', 'ann'],
      ['connector', 'ben'],
      ['connector', undefined],
    ];
    expect(callers(await app.audit(3))).toEqual(expected);
    const lines = (await app.logText()).split('\n').filter((line) => line.includes('call_started'));
    expect(callers(lines.map((line) => JSON.parse(line)))).toEqual(expected);
    await app.stop();
  });
});

/** A tool whose calls end when `finish` is called. */
function waitingTool() {
  let finish = () => {};
  const held = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const waits = tool('waits', async ({ text }, { client: { id: clientId } }) => {
    await held;
    return { text, structured: { text, clientId } };
  });
  return { waits, finish };
}

test('many users of one client leave room for another client', async () => {
  const { waits, finish } = waitingTool();
  const concurrency = createConcurrencyLimits({ maxConcurrent: 4, smallBodies: 16, largeBodies: 4 }, 200);
  const app = await start({ tools: [...TEST_TOOLS, waits], concurrency });
  const calls = [0, 1, 2, 3, 4, 5].map(async (number) => {
    const authorization = `Bearer ${await tokenOf(`user-${number}`)}`;
    return (await app.post(callOf('waits'), { authorization })).status;
  });
  await until(async () => (await app.logText()).split('"tool":"waits"').length === 4);
  const other = { authorization: `Bearer ${await tokenOf('ann', 'other')}` };
  expect((await app.post(callOf('echo'), other)).status).toBe(200);
  await until(async () => (await app.audit()).length >= 4);
  finish();
  expect((await Promise.all(calls)).sort()).toEqual([200, 200, 200, 429, 429, 429]);
  await app.stop();
});

test('a user’s running call leaves room for another user of the same client', async () => {
  const { waits, finish } = waitingTool();
  const concurrency = createConcurrencyLimits({ maxConcurrent: 2, smallBodies: 10, largeBodies: 10 }, 200);
  const app = await start({ tools: [...TEST_TOOLS, waits], concurrency });
  const [ann, ben] = [`Bearer ${await tokenOf('ann')}`, `Bearer ${await tokenOf('ben')}`];
  const first = app.post(callOf('waits'), { authorization: ann });
  await until(async () => (await app.logText()).includes('"tool":"waits"'));
  expect((await app.post(callOf('echo'), { authorization: ben })).status).toBe(200);
  expect((await app.post(callOf('echo'), { authorization: ann })).status).toBe(429);
  finish();
  expect((await first).status).toBe(200);
  await app.stop();
});
