import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseSecretReference } from '../../../service/secrets/reference.ts';
import { createSecretSource } from '../../../service/secrets/sources.ts';
import { ROLE, startVault, type VaultStandIn } from '../support/vault.ts';

const SECRET = { key: 'value-hunter2', number: 5 };
const KEY = 'vault:kv/team/app#key';

let vault: VaultStandIn;
beforeEach(async () => {
  vault = await startVault({ 'kv/team/app': SECRET, 'kv/a@b+c~d': SECRET, 'denied/app': SECRET });
});
afterEach(() => vault.close());

function source(variables: Record<string, string> = { VAULT_TOKEN: 'hvs.given' }, more: object = {}) {
  const read = createSecretSource({ env: { VAULT_ADDR: vault.url, ...variables }, timeoutMs: 1000, ...more });
  return (text: string = KEY) => read(parseSecretReference(text));
}
const count = (request: string) => vault.requests.filter((line) => line === request).length;
const logins = () => count('POST v1/auth/approle/login');

describe('a secret in Vault', () => {
  test('is read with VAULT_TOKEN, at the path below data/ of its mount', async () => {
    const read = source({ VAULT_TOKEN: 'hvs.given', VAULT_NAMESPACE: 'admin/team' });
    expect(await read()).toBe('value-hunter2');
    expect(vault.requests).toEqual(['GET v1/auth/token/lookup-self', 'GET v1/kv/data/team/app']);
    expect(vault.headers()).toMatchObject({
      'x-vault-token': 'hvs.given',
      'x-vault-namespace': 'admin/team',
      'x-vault-request': 'true',
    });
    expect(await read('vault:kv/a@b+c~d#key')).toBe('value-hunter2');
  });

  test('is read after one AppRole login, however many readers there are', async () => {
    const read = source(ROLE);
    expect(await Promise.all([read(), read(), read()])).toEqual(Array(3).fill('value-hunter2'));
    await read();
    expect(logins()).toBe(1);
  });

  test('Vault credentials may themselves be references, read at each login', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mcp-vault-'));
    const file = join(directory, 'token');
    writeFileSync(file, 'hvs.given\n');
    expect(await source({ VAULT_TOKEN: `file:${file}` })()).toBe('value-hunter2');
    rmSync(directory, { recursive: true });
    await expect(source({ VAULT_TOKEN: `file:${file}` })()).rejects.toThrow(
      `cannot read secret ${KEY}: VAULT_TOKEN: cannot read secret file:${file}: ENOENT`,
    );
  });
});

describe('mounts', () => {
  test('of several segments, for the engine and for AppRole', async () => {
    vault.appRoleMount = 'team-a/approle';
    vault.secrets.set('team-a/kv/app', SECRET);
    const read = source({ ...ROLE, VAULT_APPROLE_MOUNT: 'team-a/approle' });
    expect(await read('vault:team-a/kv//app#key')).toBe('value-hunter2');
    expect(vault.requests).toEqual(['POST v1/auth/team-a/approle/login', 'GET v1/team-a/kv/data/app']);
  });

  test.each(['/approle', 'approle/', 'a//b', '../sys', 'a?b', 'a b'])('%j is refused', async (mount) => {
    await expect(source({ ...ROLE, VAULT_APPROLE_MOUNT: mount })()).rejects.toThrow(
      `cannot read secret ${KEY}: VAULT_APPROLE_MOUNT must be the path of the AppRole method`,
    );
    expect(vault.requests).toEqual([]);
  });
});

describe('the lease of Vault’s token', () => {
  test('is renewed before it ends, without any reader', async () => {
    vault.lease.seconds = 1.5;
    const read = source(ROLE);
    await read();
    await sleep(2300);
    expect(count('POST v1/auth/token/renew-self')).toBeGreaterThanOrEqual(1);
    await read();
    expect(logins()).toBe(1);
  });

  test('a token given by VAULT_TOKEN is renewed too', async () => {
    vault.lease.seconds = 1.5;
    await source()();
    await sleep(1300);
    expect(count('POST v1/auth/token/renew-self')).toBeGreaterThanOrEqual(1);
  });

  test('a lease that ended causes a new login before the read, not a refused read', async () => {
    vault.lease = { seconds: 60, renewable: false, renewals: false };
    let time = 0;
    const read = source(ROLE, { now: () => time });
    await read();
    time = 58_000;
    await read();
    expect(logins()).toBe(1);
    time = 59_500;
    await read();
    expect(logins()).toBe(2);
  });

  test('a token revoked early is replaced by a new login, once', async () => {
    let time = 0;
    const read = source(ROLE, { now: () => time });
    await read();
    vault.tokens.clear();
    time = 10_000;
    expect(await read()).toBe('value-hunter2');
    expect(logins()).toBe(2);
  });

  test.each([
    [true, 1],
    // A role without the default policy: a revoked token and a denied path look alike.
    [false, 4],
  ])(
    'a path denied for an hour does not cause a login for every read (lookups allowed: %s)',
    async (lookups, most) => {
      vault.lookups = lookups;
      let time = 0;
      const read = source(ROLE, { now: () => time });
      for (; time < 3_590_000; time += 10_000) {
        await expect(read('vault:denied/app#key')).rejects.toThrow('Vault denies the read (403)');
      }
      expect(logins()).toBeLessThanOrEqual(most);
      expect(await read()).toBe('value-hunter2');
    },
  );

  test('a denied path does not end the token of the allowed one', async () => {
    let time = 0;
    const read = source(ROLE, { now: () => time });
    await read();
    time = 60_000;
    await expect(read('vault:denied/app#key')).rejects.toThrow('403');
    vault.requests.length = 0;
    await read();
    expect(vault.requests).toEqual(['GET v1/kv/data/team/app']);
  });

  test('several readers that meet a revoked token log in once', async () => {
    let time = 0;
    const read = source(ROLE, { now: () => time });
    await read();
    vault.tokens.clear();
    time = 10_000;
    expect(await Promise.all([read(), read(), read()])).toEqual(Array(3).fill('value-hunter2'));
    expect(logins()).toBe(2);
  });

  test.each([400, 503])('a failed lookup of the token (%d) does not cause a login', async (status) => {
    let time = 0;
    const read = source(ROLE, { now: () => time });
    await read();
    time = 10_000;
    vault.hijack = (request, response) =>
      void response.writeHead(request.url?.endsWith('lookup-self') ? status : 403).end();
    await expect(read()).rejects.toThrow('Vault denies the read (403)');
    vault.hijack = undefined;
    await read();
    expect(logins()).toBe(1);
  });

  test('a token that was replaced in its file is used although the old one was never valid', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mcp-vault-'));
    const file = join(directory, 'token');
    writeFileSync(file, 'hvs.revoked');
    let time = 0;
    const read = source({ VAULT_TOKEN: `file:${file}` }, { now: () => time });
    await expect(read()).rejects.toThrow('403');
    writeFileSync(file, 'hvs.given');
    time = 6000;
    expect(await read()).toBe('value-hunter2');
    rmSync(directory, { recursive: true });
  });
});

describe('problems with Vault are reported by the reference and the cause, never by a value', () => {
  const fails = async (read: (text?: string) => Promise<string>, why: string | RegExp, text = KEY) => {
    const error = await read(text).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error?.message).toMatch(`cannot read secret ${text}: `);
    expect(error?.message).toMatch(why);
    expect(`${error?.stack} ${JSON.stringify(error)}`).not.toMatch(/hunter2|hvs\.|errors\\?":|<html/);
  };

  test.each([
    [
      'vault:kv/none#key',
      'Vault has no such secret, its latest version is deleted, or kv is not a KV version 2',
    ],
    ['vault:denied/app#key', 'Vault denies the read (403)'],
    ['vault:kv/team/app#other', 'it has no such key with a string value'],
    ['vault:kv/team/app#number', 'it has no such key with a string value'],
    ['vault:kv/team/app#constructor', 'it has no such key with a string value'],
  ])('%s: %s', (text, why) => fails(source(), why, text));

  test.each([
    [{}, 'set VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID'],
    [{ VAULT_ROLE_ID: 'role-1' }, 'set VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID'],
    [
      { ...ROLE, VAULT_SECRET_ID: 'wrong-hunter2' },
      'Vault refused the login with VAULT_ROLE_ID and VAULT_SECRET_ID at auth/approle (400); a wrapped SecretID is not supported, unwrap it first',
    ],
    [{ VAULT_TOKEN: 'hvs.unknown' }, 'Vault denies the read (403)'],
    [{ VAULT_TOKEN: 'hvs.line\nbreak' }, 'VAULT_TOKEN is not a valid token'],
    [{ VAULT_TOKEN: 'hvs.given', VAULT_NAMESPACE: 'a\nb' }, 'VAULT_NAMESPACE is not usable'],
    [{ VAULT_ADDR: '' }, 'VAULT_ADDR is not set'],
    [
      { VAULT_ADDR: 'http://vault.example.com' },
      'VAULT_ADDR must be https://HOST[:PORT], or http:// on loopback',
    ],
    [{ VAULT_ADDR: 'http://127.0.0.1.example.com' }, 'VAULT_ADDR must be https'],
    [{ VAULT_ADDR: 'https://vault.example.com?x=hunter2' }, 'VAULT_ADDR must be https'],
    [{ VAULT_ADDR: 'https://vault.example.com/#hunter2' }, 'VAULT_ADDR must be https'],
    [{ VAULT_ADDR: 'https://user:hunter2@vault.example.com' }, 'VAULT_ADDR must be https'],
    [{ VAULT_ADDR: 'http://127.0.0.1:1', VAULT_TOKEN: 'hvs.given' }, /Vault cannot be reached \(\w+/],
  ])('with %j: %s', (variables, why) => fails(source(variables as Record<string, string>), why));

  const answers = (status: number, text = '<html>hunter2', headers = {}) => {
    vault.hijack = (_request, response: ServerResponse) => void response.writeHead(status, headers).end(text);
  };

  test.each([
    [429, 'too many requests to Vault (429)'],
    [412, 'this node of Vault is behind (412)'],
    [500, 'Vault is down or sealed (500)'],
    [503, 'Vault is down or sealed (503)'],
  ])('status %d, after a second attempt', async (status, why) => {
    answers(status);
    await fails(source(ROLE), why);
    expect(logins()).toBe(2);
  });

  test.each([
    [200, '<html>'],
    [400, ''],
    [403, ''],
    [404, ''],
  ])('status %d is not tried twice', async (status, text) => {
    answers(status, text);
    await fails(source(ROLE), /login|JSON/);
    expect(vault.requests).toHaveLength(1);
  });

  test('a secret of KV version 1 is not read as single characters', async () => {
    answers(200, JSON.stringify({ data: { data: 'text-hunter2' } }));
    await fails(source(), 'it has no such key with a string value', 'vault:kv/app#0');
    answers(200, JSON.stringify({ data: { data: ['text-hunter2'] } }));
    await fails(source(), 'it has no such key with a string value', 'vault:kv/app#0');
  });

  test('a second attempt that succeeds is enough', async () => {
    vault.hijack = (_request, response) => {
      vault.hijack = undefined;
      response.writeHead(503).end();
    };
    expect(await source(ROLE)()).toBe('value-hunter2');
  });

  test('a redirect is not followed, so that the token is not sent elsewhere', async () => {
    const other = await startVault({ 'kv/team/app': SECRET });
    answers(307, '', { location: `${other.url}/v1/kv/data/team/app` });
    await fails(source(), 'Vault answered with a redirect (307), which is not followed');
    expect(other.requests).toEqual([]);
    await other.close();
  });

  test('invalid responses', async () => {
    answers(200);
    await fails(source(), 'the response is not JSON; is VAULT_ADDR a Vault server?');
    answers(200, '[]');
    await fails(source(ROLE), 'the response to the login has no token');
    answers(200, JSON.stringify({ auth: { client_token: 'hvs.a\nb' } }));
    await fails(source(ROLE), 'the response to the login has no usable token');
    answers(200, '{"data":null}');
    await fails(source(), 'it has no such key with a string value');
  });

  test('a response without an end, and one without a beginning', async () => {
    vault.hijack = (_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'.repeat(256 * 1024)), 5);
      response.on('close', () => clearInterval(timer));
    };
    await fails(source(), "Vault's response is longer than 1048576 bytes");
    vault.hijack = () => {};
    const start = performance.now();
    await fails(source(ROLE), 'Vault did not answer within 1000 ms');
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('a connection cut in the middle', async () => {
    vault.hijack = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"data":');
      setTimeout(() => response.destroy(), 20);
    };
    await fails(source(), 'Vault cannot be reached');
  });
});
