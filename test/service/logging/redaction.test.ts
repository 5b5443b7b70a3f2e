// biome-ignore-all lint/style/noExcessiveLinesPerFile: the kinds of credentials and their embeddings are one table
import { describe, expect, test } from '@jest/globals';
import { redact } from '../../../service/logging/redact.ts';
import { REDACTED, redactText } from '../../../service/logging/redact-text.ts';
import { anyText } from '../../support/any-text.ts';
import { fc } from '../../support/property.ts';
import { same } from '../../support/same.ts';
import { BLOCKS, EMBEDDINGS, TOKENS } from './secrets.ts';

const RUNS = { numRuns: 1000 };

/** Whether too much of a secret is left: a dozen consecutive characters, in any encoding. */
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
  test.each(places)('in a %s is replaced, in every spelling of its name', (_where, write) => {
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
    'Cookie: a="hunter2"; b=hunter2',
    'Set-Cookie: id="abc hunter2"; HttpOnly',
    'Set-Cookie2: id="hunter2"; Version="1", b="hunter2"',
    'Authorization: Digest username="bob", nonce="hunter2", response="hunter2"',
    "Proxy-Authorization: Digest username='bob', cnonce='hunter2'",
    '{"headers":["Cookie: a=\\"hunter2\\"; b=hunter2"]}',
    'curl -H \'Cookie: a="hunter2"; b=hunter2\' https://a.example.org/',
    '<password>hunter2!</password>',
    'password => hunter2',
    'DB_PASSWORD=hunter2 ./run',
    'AccountName=x;AccountKey=hunter2!;EndpointSuffix=y',
    'https://x.blob.core.windows.net/c/b?sv=1&se=2&sp=r&sig=hunter2%2F%2B%3D',
  ])('is replaced in %s', (text) => {
    expect(redactText(text)).not.toContain('hunter2');
  });

  const HIDERS: readonly (readonly [string, (name: string) => string])[] = [
    ['a zero width space', (name) => `${name.slice(0, 3)}\u200b${name.slice(3)}`],
    ['a zero width space at its end', (name) => `${name}\u200b`],
    ['a soft hyphen', (name) => `${name.slice(0, 1)}\u00ad${name.slice(1)}`],
    ['a word joiner between all letters', (name) => [...name].join('\u2060')],
    ['a tag character', (name) => `${name.slice(0, 2)}\u{e0041}${name.slice(2)}`],
    ['a variation selector', (name) => `${name.slice(0, 2)}\ufe0f${name.slice(2)}`],
    ['a filler', (name) => `${name.slice(0, 2)}\u3164${name.slice(2)}`],
    ['a bidi control', (name) => `\u202a${name}\u202c`],
    ['NUL', (name) => `${name.slice(0, 2)}\0${name.slice(2)}`],
    ['DEL', (name) => `${name.slice(0, 2)}\u007f${name.slice(2)}`],
    ['C1', (name) => `${name.slice(0, 2)}\u0085${name.slice(2)}`],
    [
      'letters of full width',
      (name) => name.replace(/[a-z]/gi, (at) => String.fromCharCode(at.charCodeAt(0) + 0xfee0)),
    ],
    [
      'mathematical letters',
      (name) => name.replace(/[a-z]/g, (at) => String.fromCodePoint(at.charCodeAt(0) + 0x1d3b9)),
    ],
  ];
  test.each(HIDERS)('is replaced although its name has %s', (_what, hide) => {
    const words = ['token', 'access_token', 'password', 'hmac'];
    const left = words.flatMap((word) => {
      const name = hide(word);
      const texts = [
        `${name}=hunter2`,
        `${name}: hunter2`,
        `${name}\uff1dhunter2`,
        `https://a.example.org/?q=1&${name}=hunter2`,
        `https://a.example.org/?q=1&${encodeURIComponent(name)}=hunter2`,
        `https://a.example.org/?u=${encodeURIComponent(`https://b.example.org/?${encodeURIComponent(name)}=hunter2`)}`,
        JSON.stringify({ [name]: 'hunter2' }),
        JSON.stringify({ [name]: 'hunter2' }).replace(
          /[^\x20-\x7e]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        ),
      ];
      return [...texts.map(redactText), JSON.stringify(redact({ [name]: 'hunter2' }, 2048))].filter((safe) =>
        safe.includes('hunter2'),
      );
    });
    expect(left).toEqual([]);
  });

  test('is replaced in a text with other scripts, and the rest stays', () => {
    expect(redactText('grün 日本 ﬁ 🙂 t\u200boken=hunter2 🙂 שלום')).toBe(
      `grün 日本 ﬁ 🙂 t\u200boken=${REDACTED} 🙂 שלום`,
    );
  });

  test.each([
    'https://a.example.org/?country=code',
    'error code: 404',
    'a ticket: PROJ-12',
    'https://a.example.org/?error_code=5&zip_code=1',
  ])('does not exist in %s', (text) => {
    expect(redactText(text)).toBe(text);
  });
});

describe('in a URL', () => {
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
    ['https://a.example.org/articles/2024-09-30-How-To-Do-Something-With-Long-Slugs-In-Urls', undefined],
    ['https://a.example.org/@u/How-I-Wrote-Some-Long-Title-In-2024-a1b2c3d4e5f6', undefined],
    ['https://a.example.org/wiki/List_of_FIFA_World_Cup_2022_Group_A_matches', undefined],
    ['https://wiki.example.org/wiki/Key:highway', undefined],
    ['https://a.example.org/Token:Ring?token=hunter2', `https://a.example.org/Token:Ring?token=${REDACTED}`],
    [
      'https://a.example.org/AWS-EC2-CreateInstanceProfile-Guide-550e8400-e29b-41d4-a716-446655440000',
      undefined,
    ],
    ['https://a.example.org/a/b/commit/2383e9a57d341f0c85745f1a25a12383e9a57d34', undefined],
    [
      `https://a.example.org/reset/${'0123456789abcdef'.repeat(2)}/x`,
      `https://a.example.org/reset/${REDACTED}/x`,
    ],
    [
      'https://a.example.org/?id=2383e9a57d341f0c85745f1a25a12383e9a57d34',
      `https://a.example.org/?id=${REDACTED}`,
    ],
    [
      'https://a.example.org/reset/kQ3vX9tBz7_LmN2pRw8-YcHd5FkQ3vX9tBz7LmN',
      `https://a.example.org/reset/${REDACTED}`,
    ],
    [
      'https://a.example.org/d/kQ3vX9tBz7LmN2pRw8YcHd5FkQ3vX9tBz7LmN/edit',
      `https://a.example.org/d/${REDACTED}/edit`,
    ],
    [
      'https://a.example.org/x/ghp_0123456789abcdefghijABCDEFGHIJ012345/y',
      `https://a.example.org/x/${REDACTED}/y`,
    ],
  ])('%s only the credential is replaced', (url, expected = url) => {
    expect(redactText(url)).toBe(expected);
  });

  const label = fc.stringMatching(/^[a-z0-9]{1,20}$/);
  // The colon follows a digit: after a letter it could end the name of a credential, as in `key:a`.
  const segment = fc.stringMatching(/^(?:[A-Za-z@,.~-]|[0-9]:){1,16}$/);
  test('host and path always stay, for every path', () => {
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 1, maxLength: 4 }),
        fc.array(segment, { maxLength: 6 }),
        (labels, segments) => {
          const url = `https://${labels.join('.')}.org/${segments.join('/')}`;
          same(redactText(`${url}?token=hunter2`), `${url}?token=${REDACTED}`);
          same(redactText(`in ${url} there`), `in ${url} there`);
        },
      ),
      RUNS,
    );
  });
});

describe('for every text', () => {
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
    anyText({ maxLength: 300 }),
    fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
  );

  test('a second pass changes nothing, and the text becomes at most five times as long', () => {
    fc.assert(
      fc.property(text, (given) => {
        const safe = redactText(given);
        same(redactText(safe), safe);
        same(safe.length <= 5 * given.length + REDACTED.length, true);
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

describe('takes linear time', () => {
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
      '/;sid=@',
      '"cookie: a\\"',
      '\\"cookie: a\n',
      '\u200b',
      'ﷺ',
      '%E2%80%8B',
      't\u00ad',
      'ＡＢ＝',
    ],
  ];
  test.each([...new Set(units)].map((unit) => [unit]))('%j', (unit) => {
    const whole = unit.repeat(Math.ceil(4096 / unit.length));
    for (const text of [whole, `${'x'.repeat(50)}${whole}`, `"${whole}`, `?a=${whole}`]) {
      // Honest text of this length takes 0.3 ms; quadratic time would be 16 million steps. The process compiles and collects
      // garbage on other threads, whose CPU time counts too, so the fastest of several tries is compared.
      let fastest = Number.POSITIVE_INFINITY;
      for (let tries = 0; tries < 10 && fastest >= 25; tries++) {
        const before = process.cpuUsage();
        redactText(text);
        const { user, system } = process.cpuUsage(before);
        fastest = Math.min(fastest, (user + system) / 1000);
      }
      expect(fastest).toBeLessThan(25);
    }
  });
});
