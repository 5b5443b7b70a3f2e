import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MAX_MANUAL_BYTES } from '../../../cli/token-list.ts';
import { createHandler } from '../../../functions/rotation/handler.ts';
import { createSecretStore } from '../../../functions/rotation/secret-store.ts';
import { type Client, declaration } from '../../../infra/lib/client-options.ts';
import { createHashedTokenVerifier } from '../../../service/auth/hashed-tokens.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '../../service/support/secrets-manager.ts';
import { START, STEPS, secretArn, secretName } from './support/scene.ts';
import { VirtualTime } from './support/virtual-time.ts';

const TOKENS = 'Mcp-test/tokens';
/** As many as `secrets.clients` can have. */
const CLIENTS = Array.from({ length: 30 }, (_, index) => `client-${index}`);
/** What one call of Secrets Manager takes, in milliseconds. */
const CALL_MS = 50;
/** Of the calls that write, the share whose first attempt is throttled: the quota is one for the account and region. */
const THROTTLED_SHARE = 1 / 3;
const quiet = { info() {}, warn() {}, error() {} };
let logs: string[];

let standIn: SecretsManagerStandIn;
let time: VirtualTime;
let client: SecretsManagerClient;
let handle: (event: unknown) => Promise<void>;
let throttled: number;

beforeEach(async () => {
  time = new VirtualTime(START);
  standIn = await startSecretsManager({ [TOKENS]: '{"tokens":[]}' });
  standIn.secrets.now = () => time.now;
  for (const id of CLIENTS) standIn.secrets.set(secretName(id), 'no token yet');
  throttled = 0;
  logs = [];
  const writes = new Set<string>();
  standIn.onCall = async ({ operation, input }, when) => {
    if (when === 'after') return undefined;
    await time.take(CALL_MS);
    const write = JSON.stringify(input);
    if (!/^(Put|Update)/.test(operation) || writes.has(write)) return undefined;
    writes.add(write);
    if (writes.size % (1 / THROTTLED_SHARE) !== 0) return undefined;
    throttled += 1;
    return 'throttle';
  };
  client = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: standIn.url,
    credentials: { accessKeyId: 'ROTATION', secretAccessKey: 'testing' },
    // Each run is a process with connections of its own.
    requestHandler: { httpAgent: { keepAlive: true, maxSockets: 1000 } },
  });
  time.watch(client);
  handle = createHandler({
    list: {
      tokensSecretId: TOKENS,
      clientSecretPrefix: 'Mcp-test/clients/',
      clients: new Map(CLIENTS.map((id) => [id, { scopes: ['echo'], rotateEveryDays: 30 }])),
      graceMs: 86_400_000,
    },
    apiKeySecretId: undefined,
    store: createSecretStore(client, time.pause),
    now: () => time.now,
    pause: time.pause,
    logger: { ...quiet, error: (name, fields) => void logs.push(`${name} ${JSON.stringify(fields)}`) },
  });
});
afterEach(async () => {
  client.destroy();
  await standIn.close();
});

/** All rotations at once, each step once. @returns how long the longest call of the function took, in milliseconds */
async function rotateAll(): Promise<{ failed: string[]; longestMs: number }> {
  const failed: string[] = [];
  let longestMs = 0;
  await Promise.all(
    CLIENTS.map(async (clientId) => {
      const token = standIn.secrets.rotate(secretName(clientId));
      for (const step of STEPS) {
        const start = time.now;
        const event = { Step: step, SecretId: secretArn(secretName(clientId)), ClientRequestToken: token };
        try {
          await handle(event);
        } catch (error) {
          failed.push(`${clientId}: ${(error as Error).message}`);
          return;
        }
        longestMs = Math.max(longestMs, time.now - start);
      }
    }),
  );
  return { failed, longestMs };
}

/** The clients whose token works. */
async function working(tokens: ReadonlyMap<string, string>): Promise<string[]> {
  const value = standIn.secrets.get(TOKENS) ?? '';
  const verifier = createHashedTokenVerifier({
    document: async () => ({ value, readAt: time.now }),
    monotonic: () => time.now,
    now: () => time.now,
    logger: quiet,
  });
  const checked = await Promise.all(
    [...tokens].map(([clientId, token]) =>
      verifier.verify(token).then(
        (principal) => (principal.clientId === clientId ? [clientId] : []),
        () => [],
      ),
    ),
  );
  return checked.flat();
}
const tokensNow = () => new Map(CLIENTS.map((id) => [id, standIn.secrets.get(secretName(id)) ?? '']));

describe('thirty rotations at once', () => {
  test('lose none, twice a day, through throttling, and make few versions of the list', async () => {
    const before = standIn.secrets.count(TOKENS);
    let old = new Map<string, string>();
    for (let round = 0; round < 2; round++) {
      const { failed, longestMs } = await rotateAll();
      expect(failed).toEqual([]);
      // The function stops after 60 s.
      expect(longestMs).toBeLessThan(45_000);
      const tokens = tokensNow();
      expect(new Set([...tokens.values(), ...old.values()]).size).toBe(CLIENTS.length + old.size);
      expect(await working(tokens)).toEqual(CLIENTS);
      expect(await working(old)).toEqual([...old.keys()]);
      old = tokens;
    }
    expect(throttled).toBeGreaterThan(0);
    // One write for each step alone would make 120. Usually there are about 10.
    expect(standIn.secrets.count(TOKENS) - before).toBeLessThan(30);
  }, 120_000);
});

describe('a list that is nearly full', () => {
  test('fails a rotation that would make it larger than Secrets Manager stores, and says so', async () => {
    const entry = (index: number) => ({
      sha256: String(index).padStart(64, '0'),
      clientId: 'by-hand',
      scopes: ['echo'],
      expiresAt: '2999-01-01T00:00:00.000Z',
    });
    const full = JSON.stringify({ tokens: Array.from({ length: 420 }, (_, index) => entry(index)) });
    standIn.secrets.set(TOKENS, full);
    const [clientId = ''] = CLIENTS;
    const token = standIn.secrets.rotate(secretName(clientId));
    const step = (name: string) =>
      handle({ Step: name, SecretId: secretArn(secretName(clientId)), ClientRequestToken: token });
    await step('createSecret');
    await expect(step('setSecret')).rejects.toThrow('setSecret failed');
    expect(logs.join()).toMatch(/would have \d+ bytes, and Secrets Manager stores at most 65536/);
    expect(standIn.secrets.get(TOKENS)).toBe(full);
  });

  test('has room for the longest clients that the stack can declare, each with a replaced token', () => {
    const scopes = ['x'.repeat(30)];
    const clients = CLIENTS.map(
      (id) => ({ clientId: id.padEnd(32, 'x'), scopes, rotateEveryDays: 30 }) as Client,
    );
    expect(declaration(clients).length).toBeGreaterThan(3000);
    const version = (letter: string) => ({
      sha256: letter.repeat(64),
      expiresAt: '2999-01-01T00:00:00.000Z',
      versionId: letter.repeat(36),
    });
    const list = clients.map(({ clientId }) => ({
      clientId,
      scopes,
      current: version('a'),
      previous: [version('b')],
    }));
    expect(JSON.stringify(list).length).toBeLessThan(65_536 - MAX_MANUAL_BYTES);
  });
});
