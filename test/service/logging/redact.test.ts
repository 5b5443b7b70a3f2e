import { describe, expect, test } from '@jest/globals';
import { redact } from '../../../service/logging/redact.ts';
import { redactText } from '../../../service/logging/redact-text.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg';

/** Milliseconds of the fastest of three runs: other load on the machine only adds time. */
function fastest(work: () => unknown): number {
  const runs = [1, 2, 3].map(() => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return Math.min(...runs);
}

describe('redaction', () => {
  test.each([
    'cannot read secret aws-secretsmanager:mcp/api-key: ResourceNotFoundException',
    'cannot read secret env:API_KEY: it is empty or not a text',
    'cannot read secret file:/run/secrets/token: ENOENT',
  ])('the reason after a secret reference stays: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });

  test.each([
    'password',
    'passwd',
    'DB_PASSWORD',
    'secret',
    'clientSecret',
    'client_secret',
    'token',
    'accessToken',
    'refresh_tokens',
    'apiKey',
    'api_key',
    'x-api-key',
    'APIKEY',
    'Authorization',
    'Proxy-Authorization',
    'cookie',
    'Set-Cookie',
    'sessionId',
    'private_key',
    'credentials',
    'jwt',
    'otp',
    'awsSecretAccessKey',
    'password1',
    'PASSWORD2',
    'pass1',
    'pw',
    'pin',
    'csrf',
    'authz',
    'key',
  ])('the value of the key %s is replaced', (key) => {
    expect(JSON.stringify(redact({ [key]: 'plain value' }, 2048))).not.toContain('plain value');
  });

  test.each(['author', 'passenger', 'tokenizer', 'url', 'selector', 'secretary', 'compassion', 'keyboard'])(
    'the value of the key %s stays',
    (key) => {
      expect(redact({ [key]: 'plain value' }, 2048)).toEqual({ [key]: 'plain value' });
    },
  );

  test.each([
    jwt,
    `Bearer ${'a1'.repeat(10)}`,
    'sk-live-abcdefghijklmnop',
    'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
    'AKIAIOSFODNN7EXAMPLE',
    'xoxb-123456789012-abcdefghijkl',
    'AIzaSyA-1234567890abcdefghijklmnopqrstu',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'uX3kPq9ZtR7vWm2YcB5nLs8DfGhJ4aE6Kd',
    '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----',
  ])('the token %.24s… is replaced everywhere', (token) => {
    for (const text of [token, `before ${token} after`, `https://example.com/${token}/x`]) {
      expect(redactText(text)).not.toContain(token);
      expect(redactText(text)).toContain('[REDACTED]');
    }
  });

  test.each([
    ['https://user:hunter2@example.com/', 'hunter2'],
    ['https://example.com/?api_key=hunter2&q=1', 'hunter2'],
    ['https://example.com/?q=1&access_token=hunter2#x', 'hunter2'],
    ['{"password":"hunter2"}', 'hunter2'],
    ['password: hunter2', 'hunter2'],
    ['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'wJalrXUtnFEMI'],
    ['https://user:hunter@2pass@example.com/', '2pass'],
    ['https://user:hun/ter2@example.com/', 'ter2'],
    ['https://example.com/?key=hunter2', 'hunter2'],
  ])('the credential in %s is replaced', (text, secret) => {
    expect(redactText(text)).not.toContain(secret);
  });

  test.each([
    'https://en.wikipedia.org/wiki/Model_Context_Protocol?action=history',
    'https://example.com/2026/11/a-rather-long-article-title-that-goes-on-and-on.html',
    'div.article > p:nth-child(2)',
    'c0ffee00-1234-4abc-8def-0123456789ab',
  ])('ordinary text %s stays', (text) => {
    expect(redactText(text)).toBe(text);
  });

  test('applies at every depth that is shown', () => {
    let deep: unknown = { token: 'hunter2' };
    for (let i = 0; i < 50; i++) deep = { next: [deep] };
    expect(JSON.stringify(redact({ a: [{ b: { token: 'hunter2' } }], deep }, 4096))).not.toContain('hunter2');
  });

  test('a token that the length bound cuts does not leak its half', () => {
    expect(JSON.stringify(redact({ text: `${'x '.repeat(120)}${jwt}` }, 4096))).not.toContain('eyJhbGci');
  });

  test.each([
    ['a long string', { text: 'x y'.repeat(100_000) }],
    ['many keys', Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i]))],
    ['many items', { list: Array.from({ length: 10_000 }, () => 'item') }],
    ['wide and deep', Array.from({ length: 40 }, () => Array.from({ length: 40 }, () => 'x'.repeat(300)))],
  ])('%s stays within the bound', (_what, value) => {
    expect(Buffer.byteLength(JSON.stringify(redact(value, 2048)))).toBeLessThanOrEqual(2048);
  });

  test.each([
    'a'.repeat(8192),
    'A1a-'.repeat(2048),
    '-----BEGIN PRIVATE KEY-----'.repeat(300),
    'password='.repeat(900),
    'eyJ'.repeat(2700),
    '-eyJ'.repeat(2000),
    '-eyJaaaaaaaa'.repeat(700),
    '-sk-'.repeat(2000),
    ' bearer'.repeat(1000),
    '//a@'.repeat(2000),
    'A1a/'.repeat(2000),
    'key '.repeat(2000),
    '//'.repeat(4096),
    `${'token'.repeat(1600)}=`,
  ])('hostile text %.12s… takes no time', (text) => {
    expect(fastest(() => redactText(text))).toBeLessThan(100);
  });

  test('the largest hostile body takes no time', () => {
    const body = Array.from({ length: 32 }, () => '-eyJ'.repeat(2000));
    expect(fastest(() => redact({ body, more: body }, 2048))).toBeLessThan(200);
  });
});
