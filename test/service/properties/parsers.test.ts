import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseTokenDocument } from '../../../service/auth/token-document.ts';
import { EnvironmentError, parseEnvironment } from '../../../service/environment.ts';
import { redact, redactText } from '../../../service/logging/redact.ts';
import { formatSecretReference, parseSecretReference } from '../../../service/secrets/reference.ts';
import { canonicalAddress, forwardedAddress, networkOf } from '../../../service/source-address.ts';

const RUNS = { numRuns: 2000 };

describe('secret references', () => {
  const part = fc.oneof(fc.stringMatching(/^[\w./-]{1,30}$/), fc.string({ unit: 'binary', maxLength: 30 }));
  const scheme = fc.constantFrom('env', 'file', 'aws-secretsmanager', 'vault', 'keychain', '', 'http');
  const reference = fc.tuple(scheme, part, part, part).map(([of, a, b, c]) => `${of}:${a}/${b}#${c}`);

  test('what is taken reads back as itself; what is not is refused in words, without a repetition of long text', () => {
    fc.assert(
      fc.property(fc.oneof(reference, fc.string()), (text) => {
        let parsed: ReturnType<typeof parseSecretReference>;
        try {
          parsed = parseSecretReference(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect(error).not.toBeInstanceOf(TypeError);
          return;
        }
        expect(parseSecretReference(formatSecretReference(parsed))).toEqual(parsed);
      }),
      RUNS,
    );
  });
});

describe('token documents', () => {
  const entry = fc.record(
    {
      sha256: fc.oneof(fc.stringMatching(/^[0-9a-f]{64}$/), fc.jsonValue()),
      clientId: fc.oneof(fc.stringMatching(/^[a-z]{1,10}$/), fc.jsonValue()),
      scopes: fc.oneof(fc.array(fc.stringMatching(/^[a-z]{1,5}$/)), fc.jsonValue()),
      expiresAt: fc.oneof(fc.constant('2999-01-01T00:00:00Z'), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const document = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record({ tokens: fc.array(entry, { maxLength: 3 }) }).map((value) => JSON.stringify(value)),
  );

  test('are a list of whole entries or an error that repeats no value of theirs', () => {
    fc.assert(
      fc.property(document, (text) => {
        try {
          for (const { hash, principal, expiresAt } of parseTokenDocument(text)) {
            expect([hash.length, typeof principal.clientId, Number.isFinite(expiresAt)]).toEqual([
              32,
              'string',
              true,
            ]);
          }
        } catch (error) {
          expect(error).not.toBeInstanceOf(TypeError);
          const hash = /[0-9a-f]{64}/.exec(text)?.[0];
          if (hash !== undefined) expect((error as Error).message).not.toContain(hash);
        }
      }),
      RUNS,
    );
  });
});

describe('the environment', () => {
  const names = [
    ...['HOST', 'PORT', 'MCP_PUBLIC_URL', 'MCP_ALLOWED_ORIGINS', 'MCP_AUTH_MODE', 'MCP_AUTH_TOKENS'],
    ...['MCP_OAUTH_ISSUER', 'MCP_OAUTH_AUDIENCE', 'MCP_OAUTH_JWKS_URL', 'MCP_CLIENT_LIMIT_PER_MINUTE'],
    ...['MCP_RATE_LIMIT_STORE', 'MCP_MAX_BODY_BYTES', 'SCRAPE_ENGINE', 'SCRAPE_API_KEY'],
    ...[
      'SCRAPE_ALLOWED_DOMAINS',
      'SCRAPE_TIMEOUT_MS',
      'SCRAPE_LOCAL_ORIGINS',
      'MCP_TRUSTED_HOPS',
      'MCP_TYPO',
    ],
  ];
  const value = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc.integer().map(String),
    fc.constantFrom('', '*', 'a,b', 'env:X'),
  );
  const PASSWORD = 'hunter2-of-the-store';

  test('is whole or refused with every problem by name, and a password in a URL is in no message', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('deployed', 'local', 'stdio'),
        fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 8 }),
        fc.boolean(),
        (profile, variables, withStore) => {
          const store = { MCP_RATE_LIMIT_STORE: `redis://user:${PASSWORD}@store.example.com:6379` };
          try {
            parseEnvironment(profile as 'local', { ...variables, ...(withStore ? store : {}) });
          } catch (error) {
            expect(error).toBeInstanceOf(EnvironmentError);
            const { message, problems } = error as EnvironmentError;
            expect(problems.length).toBeGreaterThan(0);
            for (const problem of problems) expect(problem).toMatch(/[A-Z][A-Z_]{3,}/);
            expect(message).not.toContain(PASSWORD);
          }
        },
      ),
      RUNS,
    );
  });
});

describe('redaction', () => {
  const secret = fc.oneof(
    fc.stringMatching(/^gh[pousr]_[A-Za-z0-9]{36}$/),
    fc.stringMatching(/^AKIA[A-Z0-9]{16}$/),
    fc.stringMatching(/^eyJ[A-Za-z0-9_-]{20,40}\.[A-Za-z0-9_-]{20,40}\.[A-Za-z0-9_-]{20,40}$/),
    fc.stringMatching(/^[0-9a-f]{64}$/),
  );
  const around = fc.stringMatching(/^[ ,.;a-z]{0,20} $/);

  test('no token survives between words, at any depth, and a second pass changes nothing', () => {
    fc.assert(
      fc.property(secret, around, around, fc.nat({ max: 5 }), (token, before, after, depth) => {
        const text = `${before}${token} ${after}`;
        expect(redactText(text)).not.toContain(token);
        expect(redactText(redactText(text))).toBe(redactText(text));
        let value: unknown = text;
        for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { note: value };
        expect(JSON.stringify(redact(value, 2048))).not.toContain(token);
      }),
      RUNS,
    );
  });

  test('whatever is given, what remains has at most the bytes that were asked for', () => {
    fc.assert(
      fc.property(
        fc.object({ maxDepth: 8, withNullPrototype: false }),
        fc.integer({ min: 64, max: 4096 }),
        (value, max) => {
          expect(Buffer.byteLength(JSON.stringify(redact(value, max)))).toBeLessThanOrEqual(max);
        },
      ),
      RUNS,
    );
  });
});

describe('source addresses', () => {
  test('an address has one spelling, and all of a /64 are one network', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (text, low) => {
        const address = canonicalAddress(text) ?? '';
        expect(canonicalAddress(address)).toBe(address);
        if (!address.includes(':')) return;
        const network = networkOf(address);
        const prefix = network.replace('/64', '');
        const host = low
          .toString(16)
          .padStart(16, '0')
          .replace(/(.{4})(?=.)/g, '$1:');
        const [head = ''] = prefix.split('::');
        const groups = [...head.split(':').filter(Boolean), '0', '0', '0', '0'].slice(0, 4).join(':');
        expect(networkOf(canonicalAddress(`${groups}:${host}`))).toBe(network);
      }),
      RUNS,
    );
  });

  test('what a client writes before the entries of the trusted proxies changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.ipV4(), fc.ipV4(), (forged, seen, proxy) => {
        const lines = [forged.join(','), `${seen}, ${proxy}`];
        expect(forwardedAddress(lines, 2)).toBe(seen);
        expect(forwardedAddress(lines, 1)).toBe(proxy);
      }),
      RUNS,
    );
  });
});
