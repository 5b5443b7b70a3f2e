import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkIssuer, watchIssuer } from '../../../service/auth/issuer-check.ts';
import { metadataUrls } from '../../../service/auth/issuer-metadata.ts';
import {
  AUDIENCE,
  createSigningKey,
  type IssuerStandIn,
  type SigningKey,
  startIssuer,
} from '../support/issuer.ts';
import { createMemoryLog, type MemoryLog, oauthVerifier } from '../support/oauth-app.ts';
import { until } from '../support/until.ts';

let key: SigningKey;
let issuer: IssuerStandIn;
let log: MemoryLog;
beforeEach(async () => {
  key = await createSigningKey('key');
  issuer = await startIssuer([key]);
  log = createMemoryLog();
});
afterEach(() => issuer.close());

function optionsOf(url = issuer.url, audience = AUDIENCE) {
  const { keys } = oauthVerifier({ issuer: url, logger: log });
  return { issuer: url, audience, publicUrl: new URL(AUDIENCE), keys, logger: log };
}

/** The result of the check, from its log line. */
async function check(
  url = issuer.url,
  audience = AUDIENCE,
): Promise<{ level: string; problems: string[]; registration?: string[] }> {
  await checkIssuer(optionsOf(url, audience));
  const lines = log.lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'issuer_check');
  expect(lines).toHaveLength(1);
  expect(lines[0].issuer).toBe(url);
  return lines[0];
}

describe('the check of the issuer at the start', () => {
  test('finds no problem with an issuer that offers everything', async () => {
    expect(await check()).toMatchObject({ level: 'info', problems: [] });
  });

  test.each([
    ['not published', undefined, 'code_challenge_methods_supported is not published'],
    ['only plain', ['plain'], 'code_challenge_methods_supported does not list S256'],
    ['empty', [], 'code_challenge_methods_supported does not list S256'],
  ])('warns when PKCE methods are %s', async (_what, methods, text) => {
    issuer.metadata['code_challenge_methods_supported'] = methods;
    const { level, problems } = await check();
    expect(level).toBe('warn');
    expect(problems).toEqual([`${text}: conforming MCP clients refuse to sign in (OAuth 2.1, PKCE)`]);
  });

  test('does not miss a jwks_uri if the keys have a configured URL', async () => {
    delete issuer.metadata['jwks_uri'];
    const jwksUrl = new URL(`${issuer.url}/jwks`);
    const { keys } = oauthVerifier({ issuer: issuer.url, jwksUrl, logger: log });
    await checkIssuer({ ...optionsOf(), keys, jwksUrl });
    expect(log.lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 'info', problems: [] }]);
  });

  test.each(['authorization_endpoint', 'token_endpoint'])(
    'warns when %s is missing or not HTTPS',
    async (name) => {
      issuer.metadata[name] = 'http://login.example.com/x';
      expect((await check()).problems).toEqual([`${name} is not an https URL`]);
      log.lines.length = 0;
      delete issuer.metadata[name];
      expect((await check()).problems).toEqual([`${name} is not published`]);
    },
  );

  test('warns when the key set is missing in the metadata or not HTTPS', async () => {
    issuer.metadata['jwks_uri'] = 'http://login.example.com/jwks';
    expect((await check()).problems[0]).toBe('jwks_uri is not an https URL');
    log.lines.length = 0;
    delete issuer.metadata['jwks_uri'];
    expect((await check()).problems[0]).toBe('jwks_uri is not published');
  });

  test('warns when the audience is not the resource that clients ask for, and names the fix', async () => {
    const { level, problems } = await check(issuer.url, 'api://mcp');
    expect([level, problems]).toEqual([
      'warn',
      [
        `the audience is api://mcp, but clients ask for resource ${AUDIENCE}: have the issuer write api://mcp into the aud of tokens for that resource, or name it ${AUDIENCE} there and set no audience`,
      ],
    ]);
  });

  test.each([
    ['neither', {}, []],
    ['metadata documents that are off', { client_id_metadata_document_supported: false }, []],
    [
      'both, in the order of clients',
      { registration_endpoint: 'https://login.example.com/r', client_id_metadata_document_supported: true },
      ['client ID metadata document', 'dynamic client registration'],
    ],
  ])('says how clients can register: %s', async (_what, metadata, registration) => {
    Object.assign(issuer.metadata, metadata);
    expect(await check()).toMatchObject({ level: 'info', problems: [], registration });
  });

  test('warns when clients would register over plain HTTP', async () => {
    issuer.metadata['registration_endpoint'] = 'http://login.example.com/register';
    expect((await check()).problems).toEqual(['registration_endpoint is not an https URL']);
  });

  test.each([
    [undefined, 0],
    [['none', 'client_secret_basic'], 0],
    [['private_key_jwt'], 0],
    [['client_secret_basic'], 1],
    [[], 1],
  ])('warns when clients without a secret get no token: %j', async (methods, expected) => {
    issuer.metadata['client_id_metadata_document_supported'] = true;
    issuer.metadata['token_endpoint_auth_methods_supported'] = methods;
    const { problems } = await check();
    expect(problems).toHaveLength(expected);
    expect(problems.join()).toMatch(expected === 0 ? /^$/ : /lists neither none nor private_key_jwt/);
  });

  test.each([
    [undefined, 0],
    [['https://other.example.com/mcp', AUDIENCE], 0],
    [['https://other.example.com/mcp'], 1],
  ])(
    'warns when the issuer lists the resources that it knows without this one: %j',
    async (known, expected) => {
      issuer.metadata['protected_resources'] = known;
      const { problems } = await check();
      expect(problems).toHaveLength(expected);
      expect(problems.join()).toMatch(
        expected === 0 ? /^$/ : `protected_resources does not list ${AUDIENCE}`,
      );
    },
  );

  test('is repeated every minute until the metadata could be read, and no longer', async () => {
    issuer.behaviour = (request) => request.socket.destroy();
    const pauses: number[] = [];
    const pause = async (ms: number) => {
      pauses.push(ms);
      if (pauses.length === 3) issuer.behaviour = undefined;
    };
    await watchIssuer(optionsOf(), new AbortController().signal, pause);
    expect(pauses).toEqual([60_000, 60_000, 60_000]);
    const levels = log.lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'issuer_check');
    expect(levels.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn', 'info']);
  });

  test('ends at once when the server stops', async () => {
    issuer.behaviour = (request) => request.socket.destroy();
    const stop = new AbortController();
    const watching = watchIssuer(optionsOf(), stop.signal);
    await until(() => log.lines.some((line) => line.includes('issuer_check')));
    stop.abort();
    await watching;
    expect(log.lines.filter((line) => line.includes('"issuer_check"'))).toHaveLength(1);
  });

  test('names the issuer it found in place of the expected one, and uses no keys from there', async () => {
    issuer.metadata['issuer'] = `${issuer.url}/`;
    const [metadata, keys] = (await check()).problems;
    expect(metadata).toBe(
      `no metadata: ${issuer.url}/.well-known/openid-configuration: the issuer there is "${issuer.url}/", not "${issuer.url}"`,
    );
    expect(keys).toMatch(/^no keys: /);
  });

  test('warns when the key set is gone, with the reason on its own line', async () => {
    issuer.metadata['jwks_uri'] = `${issuer.url}/nowhere`;
    expect((await check()).problems).toEqual([
      'no keys: every request is answered with 503 until they are there (see issuer_keys_failed)',
    ]);
    expect(log.lines.join()).toContain(`${issuer.url}/nowhere: status 404`);
  });

  test('reports that the issuer does not answer, and does not throw', async () => {
    await issuer.close();
    const { level, problems } = await check();
    expect(level).toBe('warn');
    expect(problems[0]).toMatch(/^no metadata: .*: ECONNREFUSED$/);
    issuer = await startIssuer([key]);
  });

  test.each([
    ['HTML', '<html>'],
    ['a list', []],
    ['null', null],
    ['methods that are a text', { code_challenge_methods_supported: 'S256' }],
  ])('accepts no metadata from %s', async (_what, document) => {
    issuer.metadata = (
      typeof document === 'object' && document !== null && !Array.isArray(document)
        ? { ...issuer.metadata, ...document }
        : document
    ) as Record<string, unknown>;
    expect((await check()).problems[0]).toMatch(/^no metadata: /);
  });

  test('finds an issuer with a path at the address of OpenID Connect', async () => {
    const tenant = await startIssuer([key], '/tenant/v2.0');
    expect(await check(tenant.url)).toMatchObject({ level: 'info', problems: [] });
    await tenant.close();
  });

  test('looks for metadata where MCP clients look, in their order', () => {
    expect(metadataUrls('https://login.example.com/tenant').map(String)).toEqual([
      'https://login.example.com/.well-known/oauth-authorization-server/tenant',
      'https://login.example.com/.well-known/openid-configuration/tenant',
      'https://login.example.com/tenant/.well-known/openid-configuration',
    ]);
    expect(metadataUrls('https://tenant.auth0.com/').map(String)).toEqual([
      'https://tenant.auth0.com/.well-known/oauth-authorization-server',
      'https://tenant.auth0.com/.well-known/openid-configuration',
    ]);
  });
});
