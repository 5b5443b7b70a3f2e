import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { addToken } from '../../../cli/token-list.ts';
import { entry } from '../../service/support/tokens.ts';
import { DAY, HOUR, Scene, type SceneOptions, STEPS, secretName } from './support/scene.ts';

const sha256 = (token: string) => createHash('sha256').update(token).digest('hex');

let scene: Scene;
/** Makes one call of the function fail, by its number from now on. @returns whether it did */
function failCall(number: number): () => boolean {
  let calls = 0;
  scene.disturb = async (_call, when) => {
    if (when === 'before') calls += 1;
    return when === 'before' && calls === number ? 'fail' : undefined;
  };
  return () => calls >= number;
}
async function start(options?: SceneOptions): Promise<Scene> {
  scene = await Scene.start(options);
  return scene;
}
afterEach(() => scene.stop());

describe('a rotation, against the whole service', () => {
  test('refuses no token that a client could hold, at any moment of many rotations', async () => {
    await start({ http: true });
    await scene.rotate('ci');
    const first = scene.tokenOf('ci');
    expect(first).toMatch(/^[\w-]{43}$/);
    await scene.rotate('desk');
    await scene.pass(30 * DAY);
    await scene.rotate('ci');
    // Again at once, as an operator does after a leak: three tokens of one client are good.
    await scene.rotate('ci');
    expect(await scene.ask(first)).toEqual([200, 200]);
    expect(scene.list.find(({ clientId }) => clientId === 'ci')?.previous).toHaveLength(2);
    expect(scene.refused).toEqual([]);
    expect(scene.tried).toBeGreaterThan(200);
  }, 120_000);

  test('ends the old token after the grace, not before', async () => {
    await start({ http: true });
    await scene.rotate('ci');
    const old = scene.tokenOf('ci');
    await scene.pass(30 * DAY);
    await scene.rotate('ci');
    const finished = scene.time;
    scene.time = finished + scene.graceMs - 2000;
    expect(await scene.ask(old)).toEqual([200, 200]);
    scene.time = finished + scene.graceMs;
    expect(await scene.ask(old)).toEqual([401, 401]);
    expect(await scene.ask(scene.tokenOf('ci'))).toEqual([200, 200]);
    expect(scene.refused).toEqual([]);
  }, 60_000);
});

describe('the first rotation', () => {
  test('makes the first token; before, the list is empty and the value in the secret is none', async () => {
    await start();
    expect(await scene.ask(scene.tokenOf('ci'))).toEqual([401, 401]);
    await scene.rotate('ci');
    expect(await scene.ask(scene.tokenOf('ci'))).toEqual([200, 200]);
    expect(scene.list).toEqual([
      {
        clientId: 'ci',
        scopes: ['echo'],
        current: {
          sha256: sha256(scene.tokenOf('ci')),
          expiresAt: expect.stringMatching(/^2026-02-07T00:00:/),
          versionId: expect.stringMatching(/^[\w-]{36}$/),
        },
      },
    ]);
  });

  test('writes no token into the list or the log', async () => {
    await start();
    await scene.rotate('ci');
    const token = scene.tokenOf('ci');
    expect(JSON.stringify(scene.list) + scene.logs.join()).not.toContain(token);
    expect(scene.logs.filter((line) => line.startsWith('info rotation_done'))).toHaveLength(4);
  });
});

/** The function's calls of Secrets Manager in one rotation of a client that has a token. */
const CALLS = 20;
/** Those of them that concern the other client, whose failure fails no step. */
const CALLS_OF_OTHERS = [7, 18];

describe('a call that fails', () => {
  test('there are so many to fail', async () => {
    await start();
    await scene.rotate('ci');
    let calls = 0;
    scene.disturb = async (_call, when) => {
      if (when === 'before') calls += 1;
      return undefined;
    };
    await scene.rotate('ci');
    expect(calls).toBe(CALLS);
  });

  // The state after a call whose answer was lost is the one before a next call that fails.
  const failures = Array.from({ length: CALLS }, (_, index) => index + 1);
  test.each(failures)('number %i, before it is done, locks no client out', async (number) => {
    await start();
    await scene.rotate('ci');
    const old = scene.tokenOf('ci');
    await scene.pass(30 * DAY);
    const failed = failCall(number);
    await scene.rotate('ci');
    expect(failed()).toBe(true);
    const replacement = scene.tokenOf('ci');
    expect(replacement).not.toBe(old);
    expect(scene.refused).toEqual([]);
    scene.time += scene.graceMs;
    expect(await scene.ask(old)).toEqual([401, 401]);
    expect(await scene.ask(replacement)).toEqual([200, 200]);
  });

  test.each(failures.filter((number) => !CALLS_OF_OTHERS.includes(number)))(
    'number %i, and a rotation given up for it, leaves the token in use as it was',
    async (number) => {
      await start();
      await scene.rotate('ci');
      await scene.pass(30 * DAY);
      failCall(number);
      await expect(scene.rotate('ci', 1)).rejects.toThrow(/failed/);
      scene.abandon('ci');
      const inUse = scene.tokenOf('ci');
      // To the end of what the old token was good for when it was made.
      await scene.pass(6 * DAY);
      expect(await scene.ask(inUse)).toEqual([200, 200]);
      await scene.rotate('ci');
      expect(scene.tokenOf('ci')).not.toBe(inUse);
      expect(await scene.ask(scene.tokenOf('ci'))).toEqual([200, 200]);
      expect(scene.refused).toEqual([]);
    },
  );

  test('is tried again by the AWS client itself, also when only its answer was lost', async () => {
    await start({ maxAttempts: 3 });
    let calls = 0;
    scene.disturb = async (_call, when) => {
      if (when === 'before') calls += 1;
      return calls % 2 === 1 && when === 'after' ? 'fail' : undefined;
    };
    await scene.rotate('ci', 1);
    expect(await scene.ask(scene.tokenOf('ci'))).toEqual([200, 200]);
    expect(scene.refused).toEqual([]);
  });
});

describe('others who write the list', () => {
  test('two clients in rotation at once lose neither token', async () => {
    await start();
    await scene.rotate('ci');
    await scene.rotate('desk');
    for (let round = 0; round < 3; round++) {
      await Promise.all([scene.rotate('ci'), scene.rotate('desk')]);
      for (const clientId of ['ci', 'desk'])
        expect(await scene.ask(scene.tokenOf(clientId))).toEqual([200, 200]);
    }
    expect(scene.refused).toEqual([]);
  });

  test.each([
    ['is under way', 60_000, ['ci', 'desk']],
    ['was given up, and may have been revoked,', 600_000, ['desk']],
  ])(
    'the token of a rotation that %s is in the list after another: after %i ms %j',
    async (_what, ms, ids) => {
      await start();
      await scene.step('ci', 'createSecret', scene.begin('ci'));
      await scene.pass(ms);
      await scene.rotate('desk');
      expect(scene.list.map(({ clientId }) => clientId).sort()).toEqual(ids);
    },
  );

  test('a token that was revoked just after its rotation stays revoked when another rotates', async () => {
    await start();
    const token = scene.begin('ci');
    for (const step of STEPS) await scene.step('ci', step, token);
    // Secrets Manager may leave both labels on the version (user guide, "Rotation Lambda functions").
    const both = { SecretId: secretName('ci'), VersionStage: 'AWSPENDING', MoveToVersionId: token };
    scene.store.secrets.updateSecretVersionStage(both);
    scene.putList([]);
    await scene.rotate('desk');
    expect(scene.list.map(({ clientId }) => clientId)).toEqual(['desk']);
  });

  test('a person who puts a list between the function’s reading and its writing is not overwritten', async () => {
    await start();
    await scene.rotate('ci');
    const made: string[] = [];
    scene.disturb = async ({ operation, secretId }, when) => {
      if (operation !== 'PutSecretValue' || when !== 'before' || !secretId.endsWith('/tokens'))
        return undefined;
      if (made.length >= 3) return undefined;
      const list = JSON.stringify({ tokens: scene.list });
      const hand = { clientId: `hand-${made.length}`, scopes: ['echo'], days: 90, now: scene.time };
      const { token, document } = addToken(list, hand);
      scene.putList(JSON.parse(document).tokens);
      made.push(token);
      return undefined;
    };
    await scene.rotate('ci', 1);
    expect(made).toHaveLength(3);
    for (const token of [...made, scene.tokenOf('ci')]) expect(await scene.ask(token)).toEqual([200, 200]);
    expect(scene.refused).toEqual([]);
  });

  test('entries of administrators stay unchanged, whatever client they name', async () => {
    await start();
    const byHand = [entry('one', 'ci', ['echo']), entry('two', 'someone-else', [], '2020-01-01T00:00:00Z')];
    scene.putList(byHand);
    await scene.rotate('ci');
    await scene.rotate('ci');
    await scene.call({});
    expect(scene.list.slice(0, 2)).toEqual(byHand);
    expect(scene.list).toHaveLength(3);
  });

  test('a list that the service could not read is left as it is', async () => {
    await start();
    scene.putList([{ clientId: 'broken' }]);
    await expect(scene.rotate('ci')).rejects.toThrow('setSecret failed');
    expect(scene.list).toEqual([{ clientId: 'broken' }]);
    expect(scene.logs.join()).toContain('the token list is not usable: tokens.0.');
  });

  test('an older list put before the end of a rotation does not take the new token away', async () => {
    await start();
    await scene.rotate('ci');
    const older = scene.list;
    const token = scene.begin('ci');
    for (const step of STEPS.slice(0, 3)) await scene.step('ci', step, token);
    scene.putList(older);
    await scene.step('ci', 'finishSecret', token);
    await scene.pass(5000);
    expect(await scene.ask(scene.tokenOf('ci'))).toEqual([200, 200]);
  });
});

describe('the function refuses', () => {
  test.each([
    ['a secret of no declared client', 'createSecret', 'stranger'],
    ['a secret whose name only contains a client’s', 'createSecret', 'ci/token/x'],
  ])('%s', async (_what, step, clientId) => {
    await start();
    await expect(scene.step(clientId, step, '0'.repeat(36))).rejects.toThrow('createSecret failed');
    expect(scene.logs.join()).toContain('is not the secret of a declared client');
  });

  test('a version that is not in rotation', async () => {
    await start();
    await expect(scene.step('ci', 'createSecret', '0'.repeat(36))).rejects.toThrow('createSecret failed');
    expect(scene.logs.join()).toContain('is not in rotation');
  });

  test('an unknown step', async () => {
    await start();
    await expect(scene.step('ci', 'deleteSecret', scene.begin('ci'))).rejects.toThrow('deleteSecret failed');
  });

  test('to give a client a token that the list has for another', async () => {
    await start();
    const token = scene.begin('ci');
    for (const step of ['createSecret', 'setSecret']) await scene.step('ci', step, token);
    scene.putList(scene.list.map((entry) => ({ ...entry, clientId: 'desk' })));
    await expect(scene.step('ci', 'testSecret', token)).rejects.toThrow('testSecret failed');
    expect(scene.logs.join()).toContain('the token belongs to desk');
  });

  test('to give a client a token that the list does not have', async () => {
    await start();
    const token = scene.begin('ci');
    await scene.step('ci', 'createSecret', token);
    await expect(scene.step('ci', 'testSecret', token)).rejects.toThrow('testSecret failed');
    expect(scene.logs.join()).toContain('token_invalid');
  });
});

test('many rotations keep the list small and make two versions of it each', async () => {
  await start();
  await scene.rotate('ci');
  const before = scene.versionsOfList();
  for (let round = 0; round < 6; round++) {
    await scene.pass(30 * DAY + HOUR);
    await scene.rotate('ci');
  }
  expect(scene.list).toHaveLength(1);
  expect(scene.list[0]?.previous).toHaveLength(1);
  expect(scene.versionsOfList() - before).toBe(12);
  expect(scene.refused).toEqual([]);
});
