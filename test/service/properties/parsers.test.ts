import { describe, expect, test } from '@jest/globals';
import { parseTokenDocument } from '../../../service/auth/token-document.ts';
import { EnvironmentError, parseEnvironment } from '../../../service/environment.ts';
import { redact } from '../../../service/logging/redact.ts';
import { REDACTED, redactText } from '../../../service/logging/redact-text.ts';
import { formatSecretReference, parseSecretReference } from '../../../service/secrets/reference.ts';
import { canonicalAddress, forwardedAddress, networkOf } from '../../../service/source-address.ts';
import { anyText, anyUrl } from '../../support/any-text.ts';
import { fetchPageTool } from '../../support/fetch-page.ts';
import { fc } from '../../support/property.ts';
import { same } from '../../support/same.ts';

const RUNS = { numRuns: 2000 };

/** Fails if a property got hardly any values of either kind, and so proved nothing. */
function expectBoth(seen: { readonly taken: number; readonly refused: number }): void {
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan((seen.taken + seen.refused) * LEAST_SHARE);
}
const LEAST_SHARE = 0.1;

describe('secret references', () => {
  const part = fc.oneof(fc.stringMatching(/^[\w./-]{1,30}$/), anyText({ maxLength: 30 }));
  const scheme = fc.constantFrom('env', 'file', 'aws-secretsmanager', 'vault', 'keychain', '', 'http');
  const reference = fc.tuple(scheme, part, part, part).map(([of, a, b, c]) => `${of}:${a}/${b}#${c}`);

  const name = fc.stringMatching(/^\w{1,20}$/);
  const good = fc
    .tuple(name, name, fc.stringMatching(/^[\w.@/-]{1,30}$/))
    .chain(([a, b, c]) =>
      fc.constantFrom(
        ...[`env:_${a}`, `file:/${c}`, `aws-secretsmanager:${c}`, `aws-secretsmanager:${c}#${a}`],
        ...[`vault:${a}/${b}#${c}`, `vault:${a}/${b}//${a}/${b}#${c}`, `keychain:${a}/${b}`],
      ),
    );

  test('an accepted reference formats to itself; a refused one is refused without repeating long text', () => {
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(fc.oneof(reference, good, fc.string()), (text) => {
        let parsed: ReturnType<typeof parseSecretReference>;
        try {
          parsed = parseSecretReference(text);
        } catch (error) {
          if (error instanceof TypeError || !(error instanceof Error)) throw error;
          seen.refused += 1;
          return;
        }
        seen.taken += 1;
        same(parseSecretReference(formatSecretReference(parsed)), parsed);
      }),
      RUNS,
    );
    expectBoth(seen);
  });
});

describe('token documents', () => {
  const mostly = <T>(arbitrary: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 19, arbitrary }, { weight: 1, arbitrary: fc.jsonValue() });
  const members = {
    sha256: mostly(fc.stringMatching(/^[0-9a-f]{64}$/)),
    clientId: mostly(fc.stringMatching(/^[a-z]{1,10}$/)),
    scopes: mostly(fc.array(fc.stringMatching(/^[a-z]{1,5}$/))),
    expiresAt: mostly(fc.constant('2999-01-01T00:00:00Z')),
  };
  const entry = fc.oneof(
    { weight: 9, arbitrary: fc.record(members) },
    { weight: 1, arbitrary: fc.record(members, { requiredKeys: [] }) },
  );
  const document = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({ tokens: fc.array(entry, { minLength: 1, maxLength: 3 }) })
      .map((value) => JSON.stringify(value)),
  );

  test('are a list of complete entries or an error that repeats none of their values', () => {
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(document, (text) => {
        try {
          const tokens = parseTokenDocument(text);
          // An empty list is valid, and proves nothing.
          if (tokens.length > 0) seen.taken += 1;
          for (const { hash, principal, expiresAt } of tokens) {
            same([hash.length, typeof principal.clientId, Number.isFinite(expiresAt)], [32, 'string', true]);
          }
        } catch (error) {
          if (error instanceof TypeError) throw error;
          seen.refused += 1;
          const hash = /[0-9a-f]{64}/.exec(text)?.[0];
          if (hash !== undefined) expect((error as Error).message).not.toContain(hash);
        }
      }),
      RUNS,
    );
    expectBoth(seen);
  });
});

describe('the environment', () => {
  const names = [
    ...['HOST', 'PORT', 'MCP_PUBLIC_URL', 'MCP_ALLOWED_ORIGINS', 'MCP_AUTH_MODE', 'MCP_AUTH_TOKENS'],
    ...['MCP_OAUTH_ISSUER', 'MCP_OAUTH_AUDIENCE', 'MCP_OAUTH_JWKS_URL', 'MCP_CLIENT_LIMIT_PER_MINUTE'],
    ...['MCP_USER_LIMIT_PER_MINUTE'],
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
    anyUrl(),
    fc.integer().map(String),
    fc.constantFrom('', '*', 'a,b', 'env:X'),
  );
  const good = fc.record(
    {
      MCP_PUBLIC_URL: fc.constant('https://mcp.example.com/mcp'),
      MCP_AUTH_TOKENS: fc.constant('env:TOKENS'),
      MCP_AUDIT_KEY: fc.constant('env:AUDIT_KEY'),
      PORT: fc.integer({ min: 1024, max: 65_535 }).map(String),
      SCRAPE_ALLOWED_DOMAINS: fc.constantFrom('*', '', 'example.com', 'example.com,*.example.org'),
      SCRAPE_TIMEOUT_MS: fc.integer({ min: 100, max: 50_000 }).map(String),
    },
    { requiredKeys: ['MCP_PUBLIC_URL', 'MCP_AUTH_TOKENS', 'MCP_AUDIT_KEY'] },
  );
  const PASSWORD = 'hunter2-of-the-store';

  test('is complete or refused with every problem by name, and a password in a URL is in no message', () => {
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom('deployed', 'local', 'stdio'),
        fc.oneof(fc.constant({}), good),
        fc.oneof(fc.constant({}), fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 8 })),
        fc.nat({ max: 3 }),
        (profile, usual, unusual, fourth) => {
          const withStore = fourth === 0;
          const variables = { ...usual, ...unusual };
          const store = { MCP_RATE_LIMIT_STORE: `redis://user:${PASSWORD}@store.example.com:6379` };
          try {
            parseEnvironment(profile as 'local', { ...variables, ...(withStore ? store : {}) }, [
              fetchPageTool,
            ]);
            seen.taken += 1;
          } catch (error) {
            if (!(error instanceof EnvironmentError)) throw error;
            seen.refused += 1;
            const { message, problems } = error;
            same(problems.length > 0, true);
            same(
              problems.filter((problem) => !/[A-Z][A-Z_]{3,}/.test(problem)),
              [],
            );
            same(message.includes(PASSWORD), false);
          }
        },
      ),
      RUNS,
    );
    expectBoth(seen);
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
        // The rest stays unchanged: redacting everything would prove nothing.
        const safe = redactText(text);
        same(safe, `${before}${REDACTED} ${after}`);
        same(redactText(safe), safe);
        let value: unknown = text;
        for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { note: value };
        same(JSON.stringify(redact(value, 2048)).includes(token), false);
      }),
      RUNS,
    );
  });

  test('whatever the input, the output has at most the requested bytes', () => {
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.object({ maxDepth: 8, withNullPrototype: false }),
        fc.integer({ min: 64, max: 4096 }),
        (value, max) => {
          const safe = redact(value, max) as { truncated?: unknown };
          same(Buffer.byteLength(JSON.stringify(safe)) <= max, true);
          if (safe.truncated === true) seen.refused += 1;
          else seen.taken += 1;
        },
      ),
      RUNS,
    );
    expectBoth(seen);
  });
});

describe('source addresses', () => {
  test('an address has one spelling, and all of a /64 are one network', () => {
    let ofVersion6 = 0;
    fc.assert(
      fc.property(fc.ipV6(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (text, low) => {
        const address = canonicalAddress(text) ?? '';
        same(canonicalAddress(address), address);
        if (!address.includes(':')) return;
        ofVersion6 += 1;
        const network = networkOf(address);
        const prefix = network.replace('/64', '');
        const host = low
          .toString(16)
          .padStart(16, '0')
          .replace(/(.{4})(?=.)/g, '$1:');
        const [head = ''] = prefix.split('::');
        const groups = [...head.split(':').filter(Boolean), '0', '0', '0', '0'].slice(0, 4).join(':');
        same(networkOf(canonicalAddress(`${groups}:${host}`)), network);
      }),
      RUNS,
    );
    expect(ofVersion6).toBeGreaterThan(RUNS.numRuns / 2);
  });

  test('a client’s text before the entries of the trusted proxies changes nothing', () => {
    let addresses = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.ipV4())), fc.ipV4(), fc.ipV4(), (forged, seen, proxy) => {
        if (forged.some((text) => canonicalAddress(text) !== undefined)) addresses += 1;
        const lines = [forged.join(','), `${seen}, ${proxy}`];
        same(forwardedAddress(lines, 2), seen);
        same(forwardedAddress(lines, 1), proxy);
      }),
      RUNS,
    );
    expect(addresses).toBeGreaterThan(RUNS.numRuns * LEAST_SHARE);
  });
});
