import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { available } from '../../../service/secrets/available.ts';
import { formatSecretReference, parseSecretReference } from '../../../service/secrets/reference.ts';
import { createSecretCache } from '../../../service/secrets/secret-cache.ts';
import { createSecretSource, SecretError } from '../../../service/secrets/sources.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '../support/secrets-manager.ts';
import { setVariables } from '../support/set-variables.ts';

describe('a secret reference', () => {
  test.each([
    'env:SCRAPE_KEY',
    'file:/run/secrets/tokens',
    'aws-secretsmanager:mcp/tokens',
    'aws-secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:mcp-AbCdEf#key',
    'vault:kv/app#api-key',
    'vault:secret/team/mcp/v1.2_x@y#key with blanks',
    'vault:team-a/kv//mcp/app#key',
    'keychain:com.example.mcp/me@example.com',
    'keychain:my service/a/b',
  ])('%s is valid', (text) => {
    expect(formatSecretReference(parseSecretReference(text))).toBe(text);
  });

  test.each([
    'hunter2',
    'env:',
    'env:A B',
    'file:relative',
    'file:/run/a\0b',
    'aws-secretsmanager:',
    'aws-secretsmanager:x#',
    'http://x',
    'vault:kv/app',
    'vault:kv#key',
    'vault:kv/app#',
    'vault:/app#key',
    'vault:kv//app//x#key',
    'vault:kv///app#key',
    'vault://app#key',
    'vault:a/b/../c//app#key',
    'vault:a/.//app#key',
    'vault:kv/../sys/app#key',
    'vault:kv/app/..#key',
    'vault:../app#key',
    'vault:kv/a?b#key',
    'vault:kv/a%2fb#key',
    'vault:kv/app#a\nb',
    'keychain:service',
    'keychain:/account',
    'keychain:service/',
    'keychain:-s/account',
    'keychain:service/-a',
    'keychain:a\0b/c',
  ])('%j is refused without repeating it', (text) => {
    expect(() => parseSecretReference(text)).toThrow(/^must be a secret reference: env:NAME, /);
  });
});

test('a double slash divides Vault’s mount and path; otherwise the first slash does', () => {
  const vault = { scheme: 'vault', key: 'key' };
  const mount = (text: string) => parseSecretReference(text);
  expect(mount('vault:team-a/kv//mcp/app#key')).toEqual({ ...vault, mount: 'team-a/kv', path: 'mcp/app' });
  expect(mount('vault:team-a/kv/mcp/app#key')).toEqual({ ...vault, mount: 'team-a', path: 'kv/mcp/app' });
  expect(mount('vault:kv//app#key')).toEqual(mount('vault:kv/app#key'));
});

describe('a secret source', () => {
  const read = createSecretSource({ env: { KEY: 'value', EMPTY: '' } });
  const at = (text: string) => read(parseSecretReference(text));

  test('reads env: and file:, without the file’s last line break', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mcp-secret-'));
    writeFileSync(join(directory, 'key'), 'from file\n');
    expect(await at('env:KEY')).toBe('value');
    await expect(at('env:constructor')).rejects.toThrow('it is empty or not a string');
    expect(await at(`file:${directory}/key`)).toBe('from file');
    rmSync(directory, { recursive: true });
  });

  test('a missing or empty secret is named by its reference and its cause', async () => {
    await expect(at('env:NONE')).rejects.toThrow('cannot read secret env:NONE: it is empty or not a string');
    await expect(at('env:EMPTY')).rejects.toThrow(
      'cannot read secret env:EMPTY: it is empty or not a string',
    );
    await expect(at('file:/nowhere/key')).rejects.toThrow('cannot read secret file:/nowhere/key: ENOENT');
  });
});

describe('the secret cache', () => {
  function cacheAt() {
    const state = { time: 0, reads: 0, value: 'one', fail: false, readingMs: 0, logs: [] as string[] };
    const log = (event: string, fields?: object) =>
      void state.logs.push(`${event} ${JSON.stringify(fields)}`);
    const cache = createSecretCache({
      read: async () => {
        state.reads += 1;
        const { value } = state;
        if (state.fail) throw new Error('store down');
        state.time += state.readingMs;
        return value;
      },
      now: () => state.time,
      logger: { info: log, warn: log, error: log },
    });
    return { state, get: (maxAgeMs?: number) => cache({ scheme: 'env', name: 'KEY' }, maxAgeMs) };
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  test('asks the store once for simultaneous readers and not again while the value is fresh', async () => {
    const { state, get } = cacheAt();
    expect(await Promise.all([get(), get(), get()])).toEqual(['one', 'one', 'one']);
    state.time = 40_000;
    await get();
    expect(state.reads).toBe(1);
  });

  test('refreshes before expiry in the background: the reader that triggers it does not wait', async () => {
    const { state, get } = cacheAt();
    await get();
    state.value = 'two';
    state.time = 46_000;
    expect(await get()).toBe('one');
    await settle();
    expect(await get()).toBe('two');
    expect(state.reads).toBe(2);
  });

  test('never returns a value older than its time to live while the store responds', async () => {
    const { state, get } = cacheAt();
    await get();
    state.value = 'two';
    state.time = 60_000;
    expect(await get()).toBe('two');
  });

  test('keeps the last valid value while the store is down, logs it, and limits its attempts', async () => {
    const { state, get } = cacheAt();
    await get();
    state.fail = true;
    for (state.time = 60_000; state.time < 120_000; state.time += 1000) expect(await get()).toBe('one');
    expect(state.reads).toBeLessThanOrEqual(1 + 12);
    expect(state.logs[0]).toMatch(/^secret_refresh_failed \{"reference":"env:KEY","ageSeconds":60,/);
    await settle();
    state.fail = false;
    state.value = 'two';
    state.time += 5000;
    expect(await get()).toBe('one');
    await settle();
    expect(await get()).toBe('two');
  });

  test('after a pause no reader gets an outdated value, if the store responds', async () => {
    const { state, get } = cacheAt();
    await get();
    state.fail = true;
    state.time = 60_000;
    expect(await get()).toBe('one');
    state.fail = false;
    state.value = 'two';
    state.time = 120_000;
    expect(await get()).toBe('two');
  });

  test('the age of a value counts from the beginning of its read', async () => {
    const { state, get } = cacheAt();
    state.readingMs = 4000;
    await get();
    state.value = 'two';
    state.time = 60_000;
    expect(await get()).toBe('two');
    state.value = 'three';
    state.time = 120_000;
    expect(await get()).toBe('three');
  });

  test('a reader that accepts an older value still gets one of the usual age', async () => {
    const { state, get } = cacheAt();
    await get();
    state.value = 'two';
    state.time = 60_000;
    expect(await get(3_600_000)).toBe('two');
    expect(state.reads).toBe(2);
  });

  test('a reader that needs a younger value waits for it, also while the store is down', async () => {
    const { state, get } = cacheAt();
    await get();
    state.time = 5000;
    state.value = 'two';
    expect(await get(5001)).toBe('one');
    expect(await get(5000)).toBe('two');
    state.fail = true;
    state.time = 10_000;
    expect(await get(5000)).toBe('two');
    state.fail = false;
    state.value = 'three';
    state.time = 15_000;
    expect(await get(5000)).toBe('three');
  });

  test('the reader gets the error of a first read, and the next reader tries again', async () => {
    const { state, get } = cacheAt();
    state.fail = true;
    await expect(get()).rejects.toThrow('store down');
    state.fail = false;
    expect(await get()).toBe('one');
  });
});

describe('a secret that a request needs and that cannot be read', () => {
  const reference = { scheme: 'env', name: 'KEY' } as const;
  test.each([
    [new SecretError(reference, 'gone'), 'cannot read secret env:KEY: gone'],
    [new Error('hunter2'), 'unknown'],
    ['hunter2', 'unknown'],
  ])('is the fault of this server; the reason is a text of ours or absent: %p', async (thrown, reason) => {
    const read = available(() => Promise.reject(thrown));
    await expect(read()).rejects.toMatchObject({
      code: 'secret_unavailable',
      reason,
      headers: { 'Retry-After': '5' },
    });
  });
});

describe('Secrets Manager, through the AWS SDK', () => {
  let store: SecretsManagerStandIn;
  let resetVariables: () => void;
  beforeAll(async () => {
    store = await startSecretsManager({ 'mcp/key': 'one', 'mcp/document': '{"key":"two"}' });
    // The SDK takes its endpoint and credentials from here.
    resetVariables = setVariables({
      AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_REGION: 'us-east-1',
    });
  });
  afterAll(() => {
    resetVariables();
    return store.close();
  });

  test('is read completely or by key, by name or by ARN', async () => {
    const read = createSecretSource({ env: {} });
    expect(await read(parseSecretReference('aws-secretsmanager:mcp/key'))).toBe('one');
    expect(await read(parseSecretReference('aws-secretsmanager:mcp/document#key'))).toBe('two');
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:mcp/key-AbCdEf';
    store.secrets.set(arn, 'three');
    expect(await read(parseSecretReference(`aws-secretsmanager:${arn}`))).toBe('three');
    expect(store.lastAuthorization()).toContain('/eu-west-1/secretsmanager/');
  });

  test('whose text is not JSON is not printed when a key of it is requested', async () => {
    const read = createSecretSource({ env: {} });
    for (const text of ['plain-hunter2', '{"key":"hunter2",}', '"hunter2"', '["hunter2"]', '5', 'null']) {
      store.secrets.set('mcp/plain', text);
      for (const key of ['key', '0', 'length']) {
        const error = await read(parseSecretReference(`aws-secretsmanager:mcp/plain#${key}`)).catch(
          (thrown: Error) => thrown,
        );
        expect((error as Error).message).toMatch(
          new RegExp(`^cannot read secret aws-secretsmanager:mcp/plain#${key}: it (is not JSON|has no such)`),
        );
        expect(`${(error as Error).stack} ${JSON.stringify(error)}`).not.toMatch(/hunter2/);
      }
    }
  });

  test('that hangs is given up in time, with an error that says so', async () => {
    const read = createSecretSource({ env: {}, timeoutMs: 300 });
    const start = performance.now();
    await expect(read(parseSecretReference('aws-secretsmanager:mcp/hangs'))).rejects.toThrow(
      /^cannot read secret aws-secretsmanager:mcp\/hangs: Secrets Manager did not answer within 300 ms$/,
    );
    expect(performance.now() - start).toBeLessThan(2500);
  });

  test('that goes down leaves the last valid value in use and a log line; a new value arrives when it is back', async () => {
    const events: string[] = [];
    const log = (event: string, fields?: object) => void events.push(`${event} ${JSON.stringify(fields)}`);
    const get = createSecretCache({
      read: createSecretSource({ env: {}, timeoutMs: 500 }),
      now: () => performance.now(),
      logger: { info: log, warn: log, error: log },
      ttlMs: 100,
      retryMs: 50,
    });
    const reference = parseSecretReference('aws-secretsmanager:mcp/key');
    const pause = () => new Promise((resolve) => setTimeout(resolve, 150));
    expect(await get(reference)).toBe('one');
    store.secrets.set('mcp/key', 'new');
    store.fail('AccessDeniedException');
    await pause();
    expect(await get(reference)).toBe('one');
    expect(events[0]).toMatch(
      /^secret_refresh_failed \{"reference":"aws-secretsmanager:mcp\/key",.*AccessDeniedException/,
    );
    expect(events.join()).not.toContain('internal detail');
    store.fail(undefined);
    await pause();
    expect(await get(reference)).toBe('new');
  });
});
