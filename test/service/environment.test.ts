import { describe, expect, test } from '@jest/globals';
import {
  EnvironmentError,
  type Profile,
  parseEnvironment as parseForTools,
} from '../../service/environment.ts';
import { tools as fixtures } from '../support/fixture-list.ts';

const deployed = {
  MCP_PUBLIC_URL: 'https://mcp.example.com/mcp',
  MCP_AUTH_TOKENS: 'aws-secretsmanager:tokens',
  MCP_AUDIT_KEY: 'aws-secretsmanager:audit#key',
};

/** With a tool that reads pages: the list of a fork may have none. */
const parseEnvironment = (profile: Profile, source: Record<string, string>) =>
  parseForTools(profile, source, fixtures);

function problems(profile: Profile, source: Record<string, string>): readonly string[] {
  try {
    parseEnvironment(profile, source);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
  return [];
}

describe('environment', () => {
  test('the local profile needs no variable, listens on loopback and allows any public host', () => {
    const environment = parseEnvironment('local', {});
    expect(environment.host).toBe('127.0.0.1');
    expect(environment.publicUrl.href).toBe('http://127.0.0.1:8080/mcp');
    expect(environment.scrape.allowedDomains).toEqual(['*']);
    expect(environment.scrape.localOrigins).toEqual([]);
  });

  test('the deployed profile allows no domain by default', () => {
    expect(parseEnvironment('deployed', deployed).scrape.allowedDomains).toEqual([]);
  });

  test('PORT changes the local URL', () => {
    expect(parseEnvironment('local', { PORT: '9001' }).publicUrl.href).toBe('http://127.0.0.1:9001/mcp');
  });

  test('every bad variable is listed at once, with its rule and its value', () => {
    expect(
      problems('deployed', {
        PORT: '70000',
        MCP_PUBLIC_URL: 'http://mcp.example.com/mcp',
        MCP_MAX_BODY_BYTES: '1',
        SCRAPE_ENGINE: 'curl',
        SCRAPE_TIMEOUT_MS: '1e9',
        SCRAPE_ALLOWED_DOMAINS: 'example.com,*',
        MCP_AUTH_TOKENS: 'aws-secretsmanager:tokens',
      }),
    ).toEqual([
      'PORT must be a whole number from 0 to 65535, got "70000"',
      'MCP_PUBLIC_URL must be https://HOST[:PORT]/mcp, got "http://mcp.example.com/mcp"',
      'MCP_AUDIT_KEY is required',
      'MCP_MAX_BODY_BYTES must be a whole number from 1024 to 4194304, got "1"',
      'SCRAPE_ENGINE must be direct or webscraping-ai, got "curl"',
      'SCRAPE_TIMEOUT_MS must be a whole number from 100 to 50000, got "1e9"',
    ]);
  });

  test.each([
    'exa mple.com',
    'localhost',
    '10.0.0.1',
    'https://example.com',
    '*.*.com',
    'a..b',
    'exämple.com',
  ])('the allow-list entry %j is refused', (entry) => {
    expect(problems('local', { SCRAPE_ALLOWED_DOMAINS: entry })[0]).toMatch(
      /^SCRAPE_ALLOWED_DOMAINS must list domains/,
    );
  });

  test('a secret pasted in place of its reference is not printed', () => {
    const [problem] = problems('deployed', { ...deployed, MCP_AUTH_TOKENS: 'sk-live-hunter2hunter2' });
    expect(problem).toMatch(/^MCP_AUTH_TOKENS must be a secret reference: .*\(value hidden\)$/);
    expect(problem).not.toContain('hunter2');
  });

  test.each(['SCRAPE_LOCAL_ORIGINS', 'MCP_DEV_TOKEN'])('%s stops a deployed start', (name) => {
    const value = name === 'MCP_DEV_TOKEN' ? 'x'.repeat(20) : 'http://127.0.0.1:9000';
    expect(problems('deployed', { ...deployed, [name]: value })).toEqual([
      `${name} is for the local profile only; remove it`,
    ]);
  });

  test('an unknown MCP_ or SCRAPE_ variable stops a deployed start, because it is a typo', () => {
    expect(problems('deployed', { ...deployed, SCRAPE_ALLOWED_DOMAIN: 'example.com' })[0]).toMatch(
      /^SCRAPE_ALLOWED_DOMAIN is not a variable of this service/,
    );
  });

  test.each(['0.0.0.0', '192.168.1.5', '::'])('the local profile does not listen on %s', (host) => {
    expect(problems('local', { HOST: host })[0]).toMatch(/^HOST must be 127\.0\.0\.1, ::1 or localhost/);
  });

  test('an empty allow-list means none, in every profile', () => {
    expect(parseEnvironment('local', { SCRAPE_ALLOWED_DOMAINS: '' }).scrape.allowedDomains).toEqual([]);
  });

  test('a misspelt SCRAPE_ variable stops a local start as well', () => {
    expect(problems('local', { SCRAPE_ALOWED_DOMAINS: 'example.com' })[0]).toMatch(
      /^SCRAPE_ALOWED_DOMAINS is not/,
    );
    expect(problems('local', { MCP_TIMEOUT: '1' })).toEqual([]);
  });

  test('a deployed server accepts only pages that came over TLS', () => {
    expect(problems('deployed', { ...deployed, MCP_ALLOWED_ORIGINS: 'http://app.example.com' })[0]).toMatch(
      /^MCP_ALLOWED_ORIGINS must list https origins/,
    );
    expect(problems('local', { MCP_ALLOWED_ORIGINS: 'http://app.example.com' })).toEqual([]);
  });

  test('a deployed server has at least the load balancer in front, a local one nothing', () => {
    const hops = (profile: Profile, more: object = {}) =>
      parseEnvironment(profile, { ...(profile === 'deployed' ? deployed : {}), ...more }).trustedHops;
    expect([hops('deployed'), hops('deployed', { MCP_TRUSTED_HOPS: '2' })]).toEqual([1, 2]);
    expect([hops('local'), hops('local', { MCP_TRUSTED_HOPS: '1' })]).toEqual([0, 1]);
    expect(problems('deployed', { ...deployed, MCP_TRUSTED_HOPS: '0' })).toEqual([
      'MCP_TRUSTED_HOPS must be a whole number from 1 to 5, got "0"',
    ]);
    expect(problems('local', { MCP_TRUSTED_HOPS: '6' })).toEqual([
      'MCP_TRUSTED_HOPS must be a whole number from 0 to 5, got "6"',
    ]);
  });

  test('the webscraping-ai engine needs a key', () => {
    expect(problems('local', { SCRAPE_ENGINE: 'webscraping-ai' })).toEqual(['SCRAPE_API_KEY is required']);
  });
});

describe('oauth mode', () => {
  const oauth = {
    MCP_PUBLIC_URL: 'https://mcp.example.com/mcp',
    MCP_AUDIT_KEY: 'aws-secretsmanager:audit#key',
    MCP_AUTH_MODE: 'oauth',
    MCP_OAUTH_ISSUER: 'https://issuer.example.com/',
  };

  test('uses the public URL as the audience and keeps the issuer exactly', () => {
    expect(parseEnvironment('deployed', oauth).oauth).toEqual({
      issuer: 'https://issuer.example.com/',
      audience: 'https://mcp.example.com/mcp',
      jwksUrl: undefined,
    });
  });

  test('accepts its own audience and key set', () => {
    const more = { MCP_OAUTH_AUDIENCE: 'api://mcp', MCP_OAUTH_JWKS_URL: 'https://keys.example.com/jwks?v=2' };
    const { audience, jwksUrl } = parseEnvironment('deployed', { ...oauth, ...more }).oauth ?? {};
    expect([audience, jwksUrl?.href]).toEqual(['api://mcp', 'https://keys.example.com/jwks?v=2']);
  });

  test('accepts a prefix for scopes', () => {
    const prefixed = (value: string) => ({ ...oauth, MCP_OAUTH_SCOPE_PREFIX: value });
    expect(parseEnvironment('deployed', prefixed('api://mcp/')).oauth?.scopePrefix).toBe('api://mcp/');
    for (const value of ['two words', 'quo"ted', 'x'.repeat(513)]) {
      expect(problems('deployed', prefixed(value))[0]).toMatch(
        /^MCP_OAUTH_SCOPE_PREFIX must be the text before a scope: 1 to 512 /,
      );
    }
  });

  test('needs an issuer and no token list; tokens mode needs the list and no issuer', () => {
    const { MCP_OAUTH_ISSUER: _issuer, ...without } = oauth;
    expect(problems('deployed', without)).toEqual(['MCP_OAUTH_ISSUER is required']);
    expect(parseEnvironment('deployed', oauth).authTokens).toBeUndefined();
    expect(parseEnvironment('deployed', deployed).oauth).toBeUndefined();
  });

  test.each(['MCP_AUTH_TOKENS', 'MCP_DEV_TOKEN'])('refuses %s', (name) => {
    const value = name === 'MCP_DEV_TOKEN' ? 'x'.repeat(20) : 'env:TOKENS';
    expect(problems('local', { ...oauth, [name]: value })).toEqual([
      `${name} has no meaning with MCP_AUTH_MODE oauth; remove it`,
    ]);
  });

  test.each(['MCP_OAUTH_ISSUER', 'MCP_OAUTH_AUDIENCE', 'MCP_OAUTH_JWKS_URL', 'MCP_OAUTH_SCOPE_PREFIX'])(
    'is required by %s, so that the variable is not ignored silently',
    (name) => {
      expect(problems('deployed', { ...deployed, [name]: 'https://issuer.example.com' })).toEqual([
        `${name} needs MCP_AUTH_MODE oauth; set that or remove it`,
      ]);
    },
  );

  test.each([
    'http://issuer.example.com',
    'http://127.0.0.1:9000',
    'https://user:pass@issuer.example.com',
    'https://issuer.example.com/?tenant=1',
    'https://issuer.example.com/#x',
    'issuer.example.com',
    'https://issuer.example.com/a b',
    'ftp://issuer.example.com',
  ])('does not accept %j as an issuer when deployed', (issuer) => {
    expect(problems('deployed', { ...oauth, MCP_OAUTH_ISSUER: issuer })[0]).toMatch(
      /^MCP_OAUTH_ISSUER must be/,
    );
  });

  test('accepts plain HTTP on loopback in the local profile, and nowhere else', () => {
    const local = (issuer: string) => problems('local', { MCP_AUTH_MODE: 'oauth', MCP_OAUTH_ISSUER: issuer });
    expect(local('http://127.0.0.1:9000')).toEqual([]);
    expect(local('http://localhost:9000/realms/x')).toEqual([]);
    expect(local('http://192.168.1.5:9000')[0]).toMatch(/^MCP_OAUTH_ISSUER must be an https URL/);
    expect(local('http://localhost.evil.example')[0]).toMatch(/^MCP_OAUTH_ISSUER must be an https URL/);
  });

  test.each(['http://keys.example.com', 'file:///keys', 'keys'])('does not fetch keys from %j', (url) => {
    expect(problems('deployed', { ...oauth, MCP_OAUTH_JWKS_URL: url })[0]).toMatch(
      /^MCP_OAUTH_JWKS_URL must be/,
    );
  });

  test.each(['two audiences', 'quo"ted', 'x'.repeat(513)])(
    'does not accept %.20j as an audience',
    (audience) => {
      expect(problems('deployed', { ...oauth, MCP_OAUTH_AUDIENCE: audience })[0]).toMatch(
        /^MCP_OAUTH_AUDIENCE must be one audience/,
      );
    },
  );

  test('must know its URL before it listens, because tokens are issued for that URL', () => {
    const local = { MCP_AUTH_MODE: 'oauth', MCP_OAUTH_ISSUER: 'https://issuer.example.com', PORT: '0' };
    expect(problems('local', local)).toEqual(['MCP_PUBLIC_URL is required']);
  });

  test('is not for stdio, which has no tokens', () => {
    expect(
      problems('stdio', { MCP_AUTH_MODE: 'oauth', MCP_OAUTH_ISSUER: 'https://issuer.example.com' }),
    ).toEqual(['MCP_AUTH_MODE must be absent for stdio, which has no tokens']);
  });

  test('must be spelt exactly', () => {
    expect(problems('deployed', { ...oauth, MCP_AUTH_MODE: 'OAuth' })[0]).toBe(
      'MCP_AUTH_MODE must be tokens or oauth, got "OAuth"',
    );
  });
});

describe('the rate limit store', () => {
  const store = (value: string, more: Record<string, string> = {}) => ({
    ...deployed,
    MCP_RATE_LIMIT_STORE: value,
    ...more,
  });
  const password = { MCP_RATE_LIMIT_STORE_PASSWORD: 'aws-secretsmanager:store' };

  test('is memory by default', () => {
    expect(parseEnvironment('deployed', deployed).limits.store).toBeUndefined();
    expect(parseEnvironment('deployed', store('memory')).limits.store).toBeUndefined();
  });

  test.each([
    ['rediss://cache.example.com', { host: 'cache.example.com', port: 6379 }],
    ['rediss://mcp@cache.example.com:6380/', { host: 'cache.example.com', port: 6380, username: 'mcp' }],
    ['rediss://[2001:db8::1]:7000', { host: '2001:db8::1', port: 7000 }],
    ['rediss://10.0.0.5:6379', { host: '10.0.0.5', port: 6379 }],
  ])('is read from %s, with encryption', (value, server) => {
    const { limits } = parseEnvironment('deployed', store(value, password));
    expect(limits.store).toEqual({
      server: { tls: true, username: undefined, ...server },
      password: { scheme: 'aws-secretsmanager', secretId: 'store' },
      failure: 'deny',
    });
  });

  test('may let each task count for itself while the store is down', () => {
    const { limits } = parseEnvironment(
      'deployed',
      store('rediss://cache', { MCP_RATE_LIMIT_STORE_FAILURE: 'allow' }),
    );
    expect(limits.store?.failure).toBe('allow');
    expect(problems('deployed', store('rediss://cache', { MCP_RATE_LIMIT_STORE_FAILURE: 'ajar' }))).toEqual([
      'MCP_RATE_LIMIT_STORE_FAILURE must be deny or allow, got "ajar"',
    ]);
  });

  test.each([
    'redis://127.0.0.1',
    'redis://cache.example.com',
    'rediss://',
    'rediss://cache.example.com/0',
    'rediss://cache.example.com?tls=off',
    'rediss://cache.example.com#x',
    'rediss://cache.example.com:0',
    'rediss://cache.example.com:65536',
    'rediss://a b',
    'rediss://a,b',
    'rediss://a%0d@b',
    'https://cache.example.com',
    'unix:/run/valkey.sock',
    'cache.example.com:6379',
    'Memory',
    'REDISS://cache.example.com',
  ])('is not accepted as %j when deployed', (value) => {
    expect(problems('deployed', store(value))).toEqual([
      'MCP_RATE_LIMIT_STORE must be memory or rediss://[USER@]HOST[:PORT], (value hidden)',
    ]);
  });

  test('may be reached without encryption on loopback in the local profile, and nowhere else', () => {
    const local = (value: string) => problems('local', { MCP_RATE_LIMIT_STORE: value });
    for (const host of ['127.0.0.1', 'localhost:6390', '[::1]']) expect(local(`redis://${host}`)).toEqual([]);
    for (const host of ['192.168.1.5', 'localhost.evil.example', '127.0.0.1.evil.example', '0.0.0.0']) {
      expect(local(`redis://${host}`)).toEqual([
        'MCP_RATE_LIMIT_STORE must be memory or rediss://[USER@]HOST[:PORT], or redis://HOST[:PORT] on loopback, (value hidden)',
      ]);
    }
  });

  test.each(['rediss://mcp:hunter2@cache', 'rediss://:hunter2@cache:6379', 'redis://x:hunter2@127.0.0.1/0'])(
    'may contain no password, and none is printed',
    (value) => {
      expect(problems('local', { MCP_RATE_LIMIT_STORE: value })).toEqual([
        'MCP_RATE_LIMIT_STORE must hold no password; refer to it in MCP_RATE_LIMIT_STORE_PASSWORD, (value hidden)',
      ]);
    },
  );

  test('a password in an invalid URL is not printed either', () => {
    const value = 'rediss://mcp:hunter2#/x@cache';
    expect(problems('deployed', store(value)).join()).not.toContain('hunter2');
    expect(
      problems('deployed', store('rediss://cache', { MCP_RATE_LIMIT_STORE_PASSWORD: 'hunter2' })).join(),
    ).toMatch(/^MCP_RATE_LIMIT_STORE_PASSWORD must be a secret reference: [^2]*\(value hidden\)$/);
  });

  test('with a user needs a password', () => {
    expect(problems('deployed', store('rediss://mcp@cache'))).toEqual([
      'MCP_RATE_LIMIT_STORE_PASSWORD is required',
    ]);
  });

  const cacheArn = 'arn:aws:elasticache:eu-central-1:123456789012:serverlesscache:mcp-prod-limits';

  test('or authenticates with the IAM role, for an ElastiCache cache', () => {
    const { limits } = parseEnvironment(
      'deployed',
      store('rediss://mcp@cache', { MCP_RATE_LIMIT_STORE_IAM: cacheArn }),
    );
    expect(limits.store?.iam).toEqual({ region: 'eu-central-1', name: 'mcp-prod-limits' });
    expect(limits.store?.password).toBeUndefined();
  });

  test.each([
    ['rediss://mcp@cache', { MCP_RATE_LIMIT_STORE_IAM: cacheArn.replace('serverlesscache', 'cluster') }],
    ['rediss://mcp@cache', { MCP_RATE_LIMIT_STORE_IAM: 'mcp-prod-limits' }],
    ['rediss://mcp@cache', { MCP_RATE_LIMIT_STORE_IAM: cacheArn, ...password }],
    ['rediss://cache', { MCP_RATE_LIMIT_STORE_IAM: cacheArn }],
  ])('%s cannot be combined with %j', (value, more) => {
    expect(problems('deployed', store(value, more)).join()).toMatch(/MCP_RATE_LIMIT_STORE_IAM /);
  });

  test('does not use IAM without encryption', () => {
    const open = { MCP_RATE_LIMIT_STORE: 'redis://mcp@localhost', MCP_RATE_LIMIT_STORE_IAM: cacheArn };
    expect(problems('local', open)).toEqual([
      'MCP_RATE_LIMIT_STORE_IAM needs a user in MCP_RATE_LIMIT_STORE, rediss://USER@HOST',
    ]);
  });

  test.each([
    ['MCP_RATE_LIMIT_STORE_IAM', cacheArn],
    ['MCP_RATE_LIMIT_STORE_PASSWORD', 'env:PASSWORD'],
    ['MCP_RATE_LIMIT_STORE_FAILURE', 'allow'],
  ])('is required by %s, so that the variable is not ignored silently', (name, value) => {
    for (const source of [{ ...deployed, [name]: value }, store('memory', { [name]: value })]) {
      expect(problems('deployed', source)).toEqual([
        `${name} needs MCP_RATE_LIMIT_STORE rediss://HOST; set that or remove it`,
      ]);
    }
  });

  test('is not for stdio, which has one client', () => {
    expect(problems('stdio', { MCP_RATE_LIMIT_STORE: 'rediss://cache' })).toEqual([
      'MCP_RATE_LIMIT_STORE must be memory for stdio, which has one client',
    ]);
    expect(problems('stdio', { MCP_RATE_LIMIT_STORE: 'memory' })).toEqual([]);
  });
});

test('no message repeats a password in a URL', () => {
  const refused = () =>
    parseEnvironment('local', {
      MCP_AUTH_MODE: 'oauth',
      MCP_OAUTH_ISSUER: 'http://user:hunter2@issuer.example',
    });
  expect(refused).toThrow('MCP_OAUTH_ISSUER must be');
  expect(refused).not.toThrow('hunter2');
});
