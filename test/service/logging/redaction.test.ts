import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redact } from '../../../service/logging/redact.ts';
import { REDACTED, redactText } from '../../../service/logging/redact-text.ts';
import { BLOCKS, EMBEDDINGS, TOKENS } from './secrets.ts';

const RUNS = { numRuns: 1000 };

/** Whether as much of a secret is left as says something of it: a dozen characters in a row, however they are encoded. */
function isLeft(text: string, secret: string): boolean {
  const forms = [text];
  for (let i = 0; i < 4; i++) {
    const last = forms.at(-1) ?? '';
    forms.push(
      last
        .replace(/%([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
        .replace(/\\(.)/g, '$1'),
    );
  }
  const core = secret.replace(/^\W*(?:Bearer|Basic|PuTTY[^:]*:|-----BEGIN[\w ]*-----)\s*/, '');
  const pieces = Array.from({ length: Math.max(1, core.length - 11) }, (_, i) => core.slice(i, i + 12));
  return forms.some((form) => pieces.some((piece) => !/[\n-]/.test(piece) && form.includes(piece)));
}

describe.each(Object.entries(EMBEDDINGS))('%s', (_where, embed) => {
  test.each(Object.entries({ ...TOKENS, ...BLOCKS }))('no credential of %s is left', (_kind, secret) => {
    const text = embed(secret);
    const safe = redactText(text);
    expect(isLeft(text, secret)).toBe(true);
    expect(isLeft(safe, secret)).toBe(false);
    expect(safe).toContain(REDACTED);
    expect(redactText(safe)).toBe(safe);
    expect(JSON.stringify(redact({ list: [{ text }] }, 2048))).not.toContain(secret.slice(-12));
  });
});

describe('a named value', () => {
  const names = [
    ...[
      'token',
      'access_token',
      'id_token',
      'refreshToken',
      'api_key',
      'apikey',
      'apiKey',
      'client_secret',
      'password',
      'pwd',
    ],
    ...[
      'code',
      'auth_code',
      'device_code',
      'code_verifier',
      'hmac',
      'sid',
      'PHPSESSID',
      'JSESSIONID',
      'connect.sid',
      'ticket',
    ],
    ...[
      'assertion',
      'client_assertion',
      'SAMLResponse',
      'sig',
      'signature',
      'X-Amz-Signature',
      'X-Amz-Credential',
      'otp',
    ],
    ...[
      'X-Amz-Security-Token',
      'X-Goog-Signature',
      'AWSAccessKeyId',
      'token[]',
      'token[0]',
      'user[token]',
      'user[0][apiKey]',
    ],
    ...[
      '%74oken',
      'tok%65n',
      'token%5B%5D',
      'user%5Btoken%5D',
      '%2574oken',
      'hub.verify_token',
      'jwt',
      'bearer',
      'session_id',
    ],
  ];
  const places: readonly (readonly [string, (name: string) => string])[] = [
    ['query', (name) => `https://a.example.org/p?q=1&${name}=hunter2!&lang=en`],
    ['first in the query', (name) => `https://a.example.org/p?${name}=hunter2!`],
    ['fragment', (name) => `https://a.example.org/p#q=1&${name}=hunter2!`],
    ['path parameter', (name) => `https://a.example.org/p;${name}=hunter2!/more?q=1`],
    ['parameter divided by semicolons', (name) => `https://a.example.org/p?q=1;${name}=hunter2!`],
    ['form', (name) => `${name}=hunter2!&grant_type=x`],
    [
      'nested URL',
      (name) =>
        `https://a.example.org/go?next=${encodeURIComponent(`https://b.example.org/?${name}=hunter2!`)}`,
    ],
    [
      'URL nested twice',
      (name) =>
        `https://a.example.org/go?u=${encodeURIComponent(`https://b.example.org/?u=${encodeURIComponent(`https://c.example.org/?${name}=hunter2!`)}`)}`,
    ],
    ['URL in JSON', (name) => JSON.stringify({ url: `https://a.example.org/p?${name}=hunter2!` })],
    [
      'URL in JSON in JSON',
      (name) => JSON.stringify({ a: JSON.stringify({ url: `https://a.example.org/?${name}=hunter2!` }) }),
    ],
  ];
  test.each(places)('in a %s is replaced, whatever its name is written like', (_where, write) => {
    const left = names.filter((name) => redactText(write(name)).includes('hunter2'));
    expect(left).toEqual([]);
    for (const name of names)
      expect(redactText(write(name))).toContain(
        'a.example.org'.slice(write(name).startsWith('http') ? 0 : 13),
      );
  });

  test.each([
    '{"password":"hunter2!"}',
    '{"a":"{\\"password\\":\\"hunter2!\\"}"}',
    '{"a":"{\\"a\\":\\"{\\\\\\"password\\\\\\":\\\\\\"hunter2!\\\\\\"}\\"}"}',
    '{"tokens":["hunter2!","hunter2?"]}',
    '{"secret":{"value":"hunter2!"}}',
    "password: 'hunter2! and more hunter2'",
    'Authorization: Token hunter2!',
    'Authorization: Basic aHVudGVyMg== hunter2',
    'Cookie: a=hunter2; b=hunter2',
    '<password>hunter2!</password>',
    'password => hunter2',
    'DB_PASSWORD=hunter2 ./run',
    'AccountName=x;AccountKey=hunter2!;EndpointSuffix=y',
    'https://x.blob.core.windows.net/c/b?sv=1&se=2&sp=r&sig=hunter2%2F%2B%3D',
  ])('is replaced in %s', (text) => {
    expect(redactText(text)).not.toContain('hunter2');
  });

  test.each([
    'https://a.example.org/?country=code',
    'error code: 404',
    'a ticket: PROJ-12',
    'https://a.example.org/?error_code=5&zip_code=1',
  ])('is none in %s', (text) => {
    expect(redactText(text)).toBe(text);
  });
});

describe('of a URL', () => {
  test.each([
    ['https://evil.example.net/exfil/@good.example.org/', undefined],
    ['https://evil.example.net/@good/', undefined],
    ['https://www.youtube.com/@channel', undefined],
    ['https://evil.example.net?@good.example.org/', undefined],
    ['https://evil.example.net#@good.example.org/', undefined],
    ['https://evil.example.net\\@good.example.org/', undefined],
    ['https://[2606:4700::1]:8443/@x', undefined],
    ['https://a.example.org/go?next=https%3A%2F%2Fevil.example.net%2F%40good%2F', undefined],
    ['https://user:hunter2@a.example.org/@x', `https://${REDACTED}@a.example.org/@x`],
    ['https://hunter2@a.example.org', `https://${REDACTED}@a.example.org`],
    ['https://a@b@c.example.org/', `https://${REDACTED}@c.example.org/`],
    ['https://user:hun/ter2@a.example.org/p', `https://${REDACTED}@a.example.org/p`],
    ['postgres://admin:hunter2@db.example.org:5432/x', `postgres://${REDACTED}@db.example.org:5432/x`],
    ['see //u:hunter2@a.example.org/ there', `see //${REDACTED}@a.example.org/ there`],
    [
      'https://a.example.org/go?next=https%3A%2F%2Fu%3Ahunter2%40b.example.org%2F',
      `https://a.example.org/go?next=https%3A%2F%2F${REDACTED}%40b.example.org%2F`,
    ],
    [
      'https://hooks.slack.com/services/T00000000/B00000000/kQ3vX9tBz7LmN2pRw8YcHd5F',
      `https://hooks.slack.com/services/${REDACTED}`,
    ],
    ['https://9f86d081884c7d659a2feaa0c55ad015.example.net/', undefined],
    ['https://a.example.org/Reports/2026/AllOfTheRegions/SecondQuarter/Index', undefined],
  ])('%s only the credential is replaced', (url, expected = url) => {
    expect(redactText(url)).toBe(expected);
  });

  const label = fc.stringMatching(/^[a-z0-9]{1,20}$/);
  const segment = fc.stringMatching(/^[A-Za-z@:,.~-]{1,16}$/);
  test('host and path always stay, whatever its path has', () => {
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 1, maxLength: 4 }),
        fc.array(segment, { maxLength: 6 }),
        (labels, segments) => {
          const url = `https://${labels.join('.')}.org/${segments.join('/')}`;
          expect(redactText(`${url}?token=hunter2`)).toBe(`${url}?token=${REDACTED}`);
          expect(redactText(`in ${url} there`)).toBe(`in ${url} there`);
        },
      ),
      RUNS,
    );
  });
});

describe('whatever the text', () => {
  const pieces = fc.constantFrom(
    ...Object.values(TOKENS).slice(0, 12),
    ...[
      'token=',
      '&code=',
      '"password":"',
      '\\"',
      '//',
      '@',
      ':',
      '%25',
      '%3D',
      '[',
      ']',
      '{',
      '"',
      "'",
      ' ',
      ';sid=',
      'https://',
      'eyJ',
    ],
    ...['Bearer ', REDACTED, '-----BEGIN PRIVATE KEY-----', '&amp;', '\\u0074', 'abc', 'A1b', '=', '<pin>'],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
  );

  test('a second pass changes nothing, and it becomes at most five times as long', () => {
    fc.assert(
      fc.property(text, (given) => {
        const safe = redactText(given);
        expect(redactText(safe)).toBe(safe);
        expect(safe.length).toBeLessThanOrEqual(5 * given.length + REDACTED.length);
      }),
      { numRuns: 5000 },
    );
  });

  test('a text that is cut shows no beginning of a token', () => {
    for (const token of Object.values(TOKENS)) {
      for (let before = 4000; before < 4096; before += 5) {
        const list = [...Array.from({ length: 3 }, () => 'x '.repeat(2048)), 'y '.repeat(before / 2) + token];
        expect(JSON.stringify(redact({ list }, 4096))).not.toContain(token.slice(0, 12));
      }
    }
  });
});

describe('takes time in proportion to the text', () => {
  const units = [
    ...Object.values(TOKENS),
    ...Object.values(TOKENS).map((token) => token.slice(0, 5)),
    ...Object.values(TOKENS).map((token) => token.slice(0, -3)),
    ...Object.values(BLOCKS).map((block) => block.slice(0, 40)),
    ...[
      'a',
      'A1a-',
      'A1a/',
      '-eyJ',
      'eyJaaaaaaaa',
      '-eyJaaaaaaaa.',
      ' bearer',
      'bearer  ',
      'basic ',
      '//',
      '//a@',
      '//a:b',
      'http://a/',
      '@',
    ],
    ...[
      'password=',
      'token',
      'key ',
      'a=',
      'a:',
      'token:"',
      'token:[',
      'a[b]',
      '[token',
      'token[',
      '{"token":',
      '<pin>',
      '<',
      '\\',
      '\\\\"',
      '%25',
      '%',
    ],
    ...[
      '&amp;',
      '&#38;',
      '\\u005c',
      '"',
      "'",
      'a.',
      '.',
      '-',
      '_',
      '0',
      '1//',
      'hooks.slack.com/services/',
      '-----BEGIN ',
      'PRIVATE KEY-----',
      ';sid=',
    ],
  ];
  test.each([...new Set(units)].map((unit) => [unit]))('%j', (unit) => {
    const whole = unit.repeat(Math.ceil(4096 / unit.length));
    for (const text of [whole, `${'x'.repeat(50)}${whole}`, `"${whole}`, `?a=${whole}`]) {
      const times = [1, 2, 3].map(() => {
        const before = process.cpuUsage();
        redactText(text);
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1000;
      });
      // Honest text of this length takes 0.3 ms; quadratic time would be 16 million steps.
      expect(Math.min(...times)).toBeLessThan(25);
    }
  });
});
