import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { VaultAnswer, VaultRequest } from '../../../service/secrets/vault-http.ts';
import { createVaultSession } from '../../../service/secrets/vault-session.ts';

const RENEWAL = 'auth/token/renew-self';

/** A session over the responses of a test, on a clock that the test sets. */
function sessionOf(lease: object, renewal: () => number = () => 200) {
  const requests: string[] = [];
  let logins = 0;
  const send = async ({ path, token }: VaultRequest): Promise<VaultAnswer> => {
    requests.push(token === undefined ? path : `${path} ${token}`);
    if (path === RENEWAL) {
      const status = renewal();
      return { status, json: status === 200 ? { auth: lease } : undefined };
    }
    if (path === 'auth/token/lookup-self') return { status: 403, json: undefined };
    logins += 1;
    return { status: 200, json: { auth: { client_token: `t${logins}`, ...lease } } };
  };
  const session = createVaultSession({
    send,
    credential: async (name) => (name === 'VAULT_TOKEN' ? undefined : name),
    appRoleMount: undefined,
    now: () => performance.now(),
  });
  return { session, requests, renewals: () => requests.filter((line) => line.startsWith(RENEWAL)).length };
}

describe('the lease of a login', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });
  const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1000);

  test('is renewed at two thirds, repeatedly', async () => {
    const { session, requests, renewals } = sessionOf({ lease_duration: 60, renewable: true });
    await session.token();
    await pass(39);
    expect(renewals()).toBe(0);
    await pass(2);
    expect(requests).toEqual(['auth/approle/login', `${RENEWAL} t1`]);
    await pass(40);
    expect(renewals()).toBe(2);
  });

  test('that is not renewable is not renewed, and ends', async () => {
    const { session, requests } = sessionOf({ lease_duration: 60, renewable: false });
    await session.token();
    await pass(61);
    expect(requests).toEqual(['auth/approle/login']);
    expect(await session.token()).toBe('t2');
  });

  test('of 0 seconds is no lease: the token is used as long as it is valid', async () => {
    const { session, requests } = sessionOf({ lease_duration: 0, renewable: true });
    await session.token();
    await pass(30 * 24 * 3600);
    expect(await session.token()).toBe('t1');
    expect(requests).toEqual(['auth/approle/login']);
  });

  test('whose renewal fails is renewed in the remaining time, but not in the last second', async () => {
    let failures = 2;
    const status = () => (failures-- > 0 ? 500 : 200);
    const { session, renewals } = sessionOf({ lease_duration: 90, renewable: true }, status);
    await session.token();
    await pass(61);
    expect(renewals()).toBe(1);
    await pass(20);
    expect(renewals()).toBe(2);
    await pass(8);
    expect(renewals()).toBe(3);
    await pass(50);
    expect(await session.token()).toBe('t1');

    const refused = sessionOf({ lease_duration: 90, renewable: true }, () => 400);
    await refused.session.token();
    await pass(200);
    expect(refused.renewals()).toBeLessThanOrEqual(5);
    expect(await refused.session.token()).toBe('t2');
  });

  test('of a discarded token is not renewed', async () => {
    const { session, requests } = sessionOf({ lease_duration: 60, renewable: true });
    await session.token();
    await pass(10);
    expect(await session.discard('t1')).toBe(true);
    await pass(600);
    expect(requests).toEqual(['auth/approle/login', 'auth/token/lookup-self t1']);
  });

  test('of years sets no longer delay than timers allow', async () => {
    const set = jest.spyOn(globalThis, 'setTimeout');
    await sessionOf({ lease_duration: 10 * 365 * 24 * 3600, renewable: true }).session.token();
    expect(set.mock.calls.map(([, delay]) => delay)).toEqual([2 ** 31 - 1]);
  });
});

test('the timer of a renewal does not keep the process alive', async () => {
  const set = jest.spyOn(globalThis, 'setTimeout');
  await sessionOf({ lease_duration: 60, renewable: true }).session.token();
  const [timer] = set.mock.results.map(({ value }) => value as NodeJS.Timeout);
  expect(timer?.hasRef()).toBe(false);
  clearTimeout(timer);
  set.mockRestore();
});

test('a second reader after a discard gets the new token without another request', async () => {
  const clock = { time: 0 };
  const requests: string[] = [];
  const session = createVaultSession({
    async send({ path }) {
      requests.push(path);
      if (path.endsWith('lookup-self')) return { status: 403, json: undefined };
      return { status: 200, json: { auth: { client_token: `t${requests.length}` } } };
    },
    credential: async (name) => (name === 'VAULT_TOKEN' ? undefined : name),
    appRoleMount: 'approle',
    now: () => clock.time,
  });
  expect(await session.token()).toBe('t1');
  clock.time = 6000;
  expect(await session.discard('t1')).toBe(true);
  expect(await session.token()).toBe('t3');
  expect(await session.discard('t1')).toBe(true);
  expect(await session.token()).toBe('t3');
  expect(requests).toEqual(['auth/approle/login', 'auth/token/lookup-self', 'auth/approle/login']);
});
