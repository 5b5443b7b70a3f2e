import { describe, expect, test } from '@jest/globals';
import { EnvironmentError, type Profile, parseEnvironment } from '../../service/environment.ts';

const deployed = {
  MCP_PUBLIC_URL: 'https://mcp.example.com/mcp',
  MCP_AUTH_TOKENS: 'aws-secretsmanager:tokens',
  MCP_AUDIT_KEY: 'aws-secretsmanager:audit#key',
};

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
  test('the local profile needs no variable and listens on loopback for any public host', () => {
    const environment = parseEnvironment('local', {});
    expect(environment.publicUrl.href).toBe('http://127.0.0.1:8080/mcp');
    expect(environment.scrape.allowedDomains).toEqual(['*']);
    expect(environment.scrape.localOrigins).toEqual([]);
  });

  test('the deployed profile allows no domain unless told', () => {
    expect(parseEnvironment('deployed', deployed).scrape.allowedDomains).toEqual([]);
  });

  test('PORT moves the local URL', () => {
    expect(parseEnvironment('local', { PORT: '9001' }).publicUrl.href).toBe('http://127.0.0.1:9001/mcp');
  });

  test('every bad variable is listed at once, with its rule and what was got', () => {
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

  test('a secret pasted where its reference belongs is not printed', () => {
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

  test('the webscraping-ai engine needs a key', () => {
    expect(problems('local', { SCRAPE_ENGINE: 'webscraping-ai' })).toEqual(['SCRAPE_API_KEY is required']);
  });
});
