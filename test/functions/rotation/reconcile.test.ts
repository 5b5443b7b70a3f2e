import { afterEach, describe, expect, test } from '@jest/globals';
import { entry } from '../../service/support/tokens.ts';
import { DAY, HOUR, Scene, type SceneOptions } from './support/scene.ts';

let scene: Scene;
async function start(options?: SceneOptions): Promise<Scene> {
  scene = await Scene.start(options);
  return scene;
}
afterEach(() => scene.stop());

const ci = { scopes: ['echo'], rotateEveryDays: 30 };

describe('the reconcile', () => {
  test('removes the tokens of a client that is no longer declared, and no others', async () => {
    await start();
    scene.putList([entry('by-hand', 'desk', ['echo'])]);
    await scene.rotate('ci');
    await scene.rotate('desk');
    const desk = scene.tokenOf('desk');
    scene.clients = new Map([['ci', ci]]);
    await scene.call({});
    scene.time += 60_000;
    expect(await scene.ask(desk)).toEqual([401, 401]);
    expect(await scene.ask('by-hand')).toEqual([200, 200]);
    expect(await scene.ask(scene.tokenOf('ci'))).toEqual([200, 200]);
  });

  test('gives a client the scopes it is declared with now, without another token', async () => {
    await start();
    await scene.rotate('ci');
    const token = scene.tokenOf('ci');
    scene.clients = new Map([['ci', { ...ci, scopes: ['echo', 'scrape'] }]]);
    await scene.call({ source: 'aws.events' });
    expect(scene.list).toMatchObject([{ clientId: 'ci', scopes: ['echo', 'scrape'] }]);
    expect(scene.tokenOf('ci')).toBe(token);
    expect(await scene.ask(token)).toEqual([200, 200]);
  });

  test('ends a grace that a rotation broken off at its very end left open', async () => {
    await start();
    await scene.rotate('ci');
    await scene.rotate('desk');
    const old = scene.tokenOf('ci');
    await scene.pass(DAY);
    // The client has its new token, and then the list cannot be written.
    scene.disturb = async ({ operation, secretId }, when) =>
      operation === 'PutSecretValue' &&
      secretId.endsWith('/tokens') &&
      when === 'before' &&
      scene.tokenOf('ci') !== old
        ? 'fail'
        : undefined;
    await expect(scene.rotate('ci', 1)).rejects.toThrow('finishSecret failed');
    expect(scene.tokenOf('ci')).not.toBe(old);
    scene.disturb = async () => undefined;
    await scene.call({});
    await scene.pass(scene.graceMs);
    expect(await scene.ask(old)).toEqual([401, 401]);
    expect(scene.refused).toEqual([]);
  });

  test('does not end the token in use while a rotation is under way', async () => {
    await start();
    await scene.rotate('ci');
    await scene.rotate('desk');
    await scene.pass(DAY);
    const token = scene.begin('ci');
    for (const step of ['createSecret', 'setSecret', 'testSecret']) await scene.step('ci', step, token);
    await scene.call({});
    await scene.pass(2 * scene.graceMs);
    expect(await scene.ask(scene.tokenOf('ci'))).toEqual([200, 200]);
    expect(scene.refused).toEqual([]);
  });

  test('writes only what has changed', async () => {
    await start();
    await scene.rotate('ci');
    await scene.rotate('desk');
    const before = scene.versionsOfList();
    for (let hour = 0; hour < 5; hour++) {
      await scene.pass(HOUR);
      await scene.call({});
    }
    expect(scene.versionsOfList()).toBe(before);
  });

  test('does not restore a token that a person removed, and logs that', async () => {
    await start({ clients: new Map([['ci', ci]]) });
    await scene.rotate('ci');
    const token = scene.tokenOf('ci');
    await scene.pass(HOUR);
    scene.putList([]);
    await expect(scene.call({})).rejects.toThrow('reconcile failed');
    expect(scene.logs.join()).toContain('the token of ci does not work; rotate its secret');
    scene.time += 60_000;
    expect(await scene.ask(token)).toEqual([401, 401]);
    await scene.rotate('ci');
    expect(await scene.ask(scene.tokenOf('ci'))).toEqual([200, 200]);
    await scene.call({});
  });

  test('does for the others what it cannot do for one', async () => {
    await start({ apiKeySecretId: 'Mcp-test/api-key' });
    await scene.rotate('ci');
    await scene.rotate('desk');
    const desk = scene.tokenOf('desk');
    scene.clients = new Map([
      ['ci', ci],
      ['gone', ci],
    ]);
    await expect(scene.call({})).rejects.toThrow('reconcile failed');
    expect(scene.logs.join()).toContain('the secret of gone cannot be described: ResourceNotFoundException');
    scene.time += 60_000;
    expect(await scene.ask(desk)).toEqual([401, 401]);
  });

  test('waits an hour for a first rotation before it complains', async () => {
    await start({ clients: new Map([['ci', ci]]) });
    await scene.call({});
    scene.time += HOUR;
    await expect(scene.call({})).rejects.toThrow('reconcile failed');
  });

  test('complains of a rotation that is two days late, five days before the client is locked out', async () => {
    await start({ clients: new Map([['ci', ci]]) });
    await scene.rotate('ci');
    scene.time += 32 * DAY - HOUR;
    await scene.call({});
    scene.time += HOUR;
    await expect(scene.call({})).rejects.toThrow('reconcile failed');
    expect(scene.logs.join()).toContain('the rotation of ci is overdue');
    expect(await scene.ask(scene.tokenOf('ci'))).toEqual([200, 200]);
    scene.time += 5 * DAY;
    expect(await scene.ask(scene.tokenOf('ci'))).toEqual([401, 401]);
  });
});

describe('the age of the API key', () => {
  const clients = new Map<string, typeof ci>();

  test('is told in days since its value was put, without reading it', async () => {
    await start({ clients, apiKeySecretId: 'Mcp-test/api-key' });
    scene.store.secrets.set('Mcp-test/api-key', 'upstream-key');
    scene.time += 91.5 * DAY;
    const reads: string[] = [];
    scene.disturb = async ({ operation, secretId }) =>
      void reads.push(`${operation} ${secretId}`) as undefined;
    await scene.call({});
    expect(scene.logs).toContain('info api_key_age {"ageDays":91}');
    expect(reads).not.toContain('GetSecretValue Mcp-test/api-key');
    scene.store.secrets.set('Mcp-test/api-key', 'new-key');
    await scene.call({});
    expect(scene.logs).toContain('info api_key_age {"ageDays":0}');
  });

  test('is told while the list is not usable, which is told too', async () => {
    await start({ clients, apiKeySecretId: 'Mcp-test/api-key' });
    scene.store.secrets.set('Mcp-test/api-key', 'upstream-key');
    scene.putList(['broken']);
    await expect(scene.call({})).rejects.toThrow('reconcile failed');
    expect(scene.logs).toContain('info api_key_age {"ageDays":0}');
    expect(scene.logs.join()).toContain('the token list is not usable');
  });

  test('that has not been put yet is told as missing', async () => {
    await start({ clients, apiKeySecretId: 'Mcp-test/api-key' });
    scene.store.secrets.create('Mcp-test/api-key');
    await scene.call({});
    expect(scene.logs).toContain('warn api_key_missing undefined');
  });
});

describe('with an issuer', () => {
  test('the age of the API key is told, no list is touched, and nothing rotates', async () => {
    await start({ issuer: true, apiKeySecretId: 'Mcp-test/api-key' });
    scene.store.secrets.set('Mcp-test/api-key', 'upstream-key');
    await scene.call({});
    expect(scene.logs).toContain('info api_key_age {"ageDays":0}');
    await expect(scene.rotate('ci', 1)).rejects.toThrow('createSecret failed');
    await expect(scene.call({ revoke: 'ci' })).rejects.toThrow('revocation of ci failed');
    expect(scene.versionsOfList()).toBe(1);
  });
});

describe('a revocation', () => {
  test('ends the replaced tokens of one client now and leaves its new one and all others', async () => {
    await start();
    for (const clientId of ['ci', 'desk', 'ci', 'desk']) await scene.rotate(clientId);
    const leaked = scene.list.find(({ clientId }) => clientId === 'ci')?.previous;
    expect(leaked).toHaveLength(1);
    await scene.call({ revoke: 'ci' });
    expect(scene.list.map(({ previous = [] }) => previous.length)).toEqual([0, 1]);
    scene.time += 60_000;
    for (const clientId of ['ci', 'desk'])
      expect(await scene.ask(scene.tokenOf(clientId))).toEqual([200, 200]);
  });

  test('waits for a rotation to finish: the client still reads the token that would be refused', async () => {
    await start();
    await scene.rotate('ci');
    const token = scene.begin('ci');
    for (const step of ['createSecret', 'setSecret']) await scene.step('ci', step, token);
    await expect(scene.call({ revoke: 'ci' })).rejects.toThrow('revocation of ci failed');
    expect(scene.logs.join()).toContain('a rotation of ci has not finished');
    expect(scene.refused).toEqual([]);
  });

  test.each([[{ revoke: 'stranger' }], [{ revoke: 7 }]])('of %j is refused', async (event) => {
    await start();
    await expect(scene.call(event)).rejects.toThrow(/failed; see the line rotation_failed/);
  });
});
