import { describe, expect, test } from '@jest/globals';
import type { Principal } from '../../../service/auth/token-verifier.ts';
import { AUDIENCE } from '../support/issuer.ts';
import { oauthVerifier, startOAuthApp } from '../support/oauth-app.ts';
import { callOf } from '../support/start-app.ts';
import { useIssuer } from '../support/use-issuer.ts';

const issuer = useIssuer();

/** The client of a token with these claims; without the defaults that only RFC 9068 tokens have. */
async function principal(
  claims: Record<string, unknown>,
  typ: string | undefined = 'JWT',
  audience = AUDIENCE,
  scopePrefix?: string,
): Promise<Principal> {
  const bare = { client_id: undefined, scope: undefined, jti: undefined };
  const prefix = scopePrefix === undefined ? {} : { scopePrefix };
  const { verifier } = oauthVerifier({ issuer: issuer.url, audience, scopes: ['echo', 'admin'], ...prefix });
  return verifier.verify(await issuer.token({ ...bare, ...claims }, typ));
}
const scopes = async (claims: Record<string, unknown>) => [...(await principal(claims)).scopes];

describe('access tokens in the forms of issuers', () => {
  const ISSUERS: Record<string, [claims: Record<string, unknown>, client: string, typ?: string]> = {
    'RFC 9068': [{ client_id: 's6BhdRkqt3', scope: 'openid echo' }, 's6BhdRkqt3', 'at+jwt'],
    'Entra ID for a user': [
      {
        azp: '11111111-2222-3333-4444-555555555555',
        azpacr: '0',
        scp: 'echo',
        ver: '2.0',
        tid: 't',
        oid: 'o',
      },
      '11111111-2222-3333-4444-555555555555',
    ],
    'Entra ID for an application': [
      { azp: '11111111-2222-3333-4444-555555555555', azpacr: '1', roles: ['echo'], idtyp: 'app' },
      '11111111-2222-3333-4444-555555555555',
    ],
    'Entra ID v1': [{ appid: 'app-1', appidacr: '1', scp: 'echo' }, 'app-1'],
    Okta: [
      { cid: '0oa1gjh63g214q0Hq0g4', uid: 'u', scp: ['openid', 'echo'], ver: 1 },
      '0oa1gjh63g214q0Hq0g4',
    ],
    'Auth0 with scopes': [
      {
        azp: 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF',
        scope: 'openid echo',
        aud: [AUDIENCE, 'https://t.auth0.com/userinfo'],
      },
      'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF',
    ],
    'Auth0 for a machine': [{ azp: 'machine', gty: 'client-credentials', permissions: ['echo'] }, 'machine'],
    'Keycloak with scopes': [
      { azp: 'kc', typ: 'Bearer', scope: 'profile email echo', nonce: 'old versions write it' },
      'kc',
    ],
    'Cognito with resource binding': [
      { client_id: '1example23456789', token_use: 'access', scope: `openid ${AUDIENCE}/echo` },
      '1example23456789',
    ],
    'an issuer that names the server in resource': [
      { client_id: 'c', scope: 'echo', aud: undefined, resource: AUDIENCE },
      'c',
    ],
    'a client that is known by its document': [
      { client_id: 'https://client.example.com/metadata.json', scope: 'echo' },
      'https://client.example.com/metadata.json',
    ],
    'a client that is also known by another name': [
      { azp: 'c', client_id: 'd', cid: 'e', scope: 'echo' },
      'c',
    ],
    'azp null': [{ azp: null, client_id: 'c', scope: 'echo' }, 'c'],
    'azp empty': [{ azp: '', client_id: 'c', scope: 'echo' }, 'c'],
    'a token that names only its subject': [{ scope: 'echo' }, 'sub:user-1'],
    'a subject named like a client': [{ scope: 'echo', sub: 'client-1' }, 'sub:client-1'],
  };

  test.each(Object.entries(ISSUERS))(
    '%s: client and scope are found',
    async (_name, [claims, client, typ]) => {
      const found = await principal(claims, typ);
      expect(found.clientId).toBe(client);
      expect(found.scopes.has('echo')).toBe(true);
    },
  );

  test('typ may be absent, in any case, and written in full', async () => {
    for (const typ of [undefined, 'jwt', 'AT+JWT', 'application/at+jwt']) {
      expect((await principal({ client_id: 'c', scope: 'echo' }, typ)).clientId).toBe('c');
    }
  });

  test.each([
    ['client_id', { client_id: 'c' }],
    ['cid', { cid: 'c' }],
    ['appid', { appid: 'c' }],
    ['azpacr', { azp: 'c', azpacr: '0' }],
    ['scope', { azp: 'c', scope: '' }],
    ['scp', { azp: 'c', scp: '' }],
    ['permissions', { azp: 'c', permissions: [] }],
    ['gty', { azp: 'c', gty: 'client-credentials' }],
    ['token_use', { azp: 'c', token_use: 'access', nonce: 'n' }],
    ['typ in the payload', { azp: 'c', typ: 'Bearer', nonce: 'n' }],
  ])('%s alone makes it an access token', async (_claim, claims) => {
    expect((await principal(claims)).clientId).toBe('c');
  });

  test('an access token of Cognito without resource binding is refused, because it names no server', async () => {
    const claims = { aud: undefined, client_id: '1example23456789', token_use: 'access', scope: 'echo' };
    await expect(principal(claims, undefined)).rejects.toMatchObject({ reason: 'claim aud' });
  });

  test('an audience that is not a URL is compared exactly', async () => {
    const claims = { azp: 'a', scp: 'echo' };
    expect((await principal({ ...claims, aud: 'api-1' }, 'JWT', 'api-1')).clientId).toBe('a');
    for (const aud of ['API-1', 'api-1 ', 'api-10', 'api', '2130706433']) {
      await expect(principal({ ...claims, aud }, 'JWT', 'api-1')).rejects.toMatchObject({
        code: 'token_invalid',
      });
    }
  });

  test('an ID token whose audience is this very application is refused, too', async () => {
    // Entra: the application's id is both its client id and its audience.
    await expect(
      principal({ aud: 'app', roles: ['echo'], name: 'Alice' }, 'JWT', 'app'),
    ).rejects.toMatchObject({ reason: 'not an access token' });
  });

  test('scheme and host of a URL audience may be in any case, its path may not', async () => {
    const claims = { client_id: 'c', scope: 'echo' };
    expect((await principal({ ...claims, aud: 'HTTPS://MCP.Example.com/mcp' })).clientId).toBe('c');
    await expect(principal({ ...claims, aud: 'https://mcp.example.com/MCP' })).rejects.toThrow();
  });
});

describe('scopes and roles', () => {
  test('a client that was granted less than its user may do gets less', async () => {
    const claims = { client_id: 'c', scope: 'echo', permissions: ['echo', 'admin'], roles: ['admin'] };
    expect(await scopes(claims)).toEqual(['echo']);
  });

  test.each([
    ['Entra ID for a user', { azp: 'c', azpacr: '0', scp: 'Profile.Read', roles: ['admin', 'echo'] }],
    ['Auth0 for a user', { azp: 'c', scope: 'openid profile', permissions: ['echo', 'admin'] }],
    ['Auth0 for a machine', { azp: 'c', gty: 'client-credentials', scope: 'other', permissions: ['echo'] }],
    [
      'Cognito',
      { client_id: 'c', token_use: 'access', scope: 'openid', 'cognito:groups': ['echo', 'admin'] },
    ],
    [
      'Keycloak, roles of the realm',
      { azp: 'c', typ: 'Bearer', scope: 'email', realm_access: { roles: ['echo'] } },
    ],
    [
      'Keycloak, roles of the server',
      { azp: 'c', typ: 'Bearer', scope: '', resource_access: { [AUDIENCE]: { roles: ['echo'] } } },
    ],
    ['an empty scope', { client_id: 'c', scope: '', roles: ['echo'] }],
    ['scope null', { client_id: 'c', scope: null, roles: ['echo'] }],
    ['an empty scp', { client_id: 'c', scp: [], roles: ['echo', 'admin'] }],
  ])(
    'a token that asks for none of our scopes gets none, whatever its roles: %s',
    async (_issuer, claims) => {
      const found = await scopes(claims);
      expect(found).not.toContain('echo');
      expect(found).not.toContain('admin');
    },
  );

  test('scopes of both claims count', async () => {
    expect(await scopes({ client_id: 'c', scope: 'echo', scp: ['admin'] })).toEqual(['echo', 'admin']);
  });

  test('the configured prefix is removed from scopes, and nothing that only starts alike', async () => {
    const claims = {
      azp: 'c',
      scp: `api://mcp/echo ${AUDIENCE}/other api://mcp.evil/admin xapi://mcp/admin api://mcp/api://mcp/admin`,
    };
    const found = await principal(claims, 'JWT', AUDIENCE, 'api://mcp/');
    expect([...found.scopes]).toEqual([
      'echo',
      'other',
      'api://mcp.evil/admin',
      'xapi://mcp/admin',
      'api://mcp/admin',
    ]);
    // Entra ID writes the short name into the token, whichever form the client asked for.
    expect([...(await principal({ azp: 'c', scp: 'echo' }, 'JWT', AUDIENCE, 'api://mcp/')).scopes]).toEqual([
      'echo',
    ]);
    expect(await scopes({ azp: 'c', scp: 'api://mcp/echo' })).toEqual(['api://mcp/echo']);
  });

  test('a role counts only if a tool needs a scope of that name', async () => {
    expect(await scopes({ azp: 'c', azpacr: '1', roles: ['echo', 'GlobalAdmin'] })).toEqual(['echo']);
  });

  test('groups grant no scopes', async () => {
    expect(await scopes({ client_id: 'c', groups: ['echo'] })).toEqual([]);
  });

  test.each([
    [{ scope: { echo: true } }],
    [{ scope: 1 }],
    [{ scope: 'echo,other' }],
    [{ scope: 'other\techo' }],
    [{ scope: 'other\necho' }],
    [{ scope: 'other\u00a0echo' }],
    [{ scope: 'Echo' }],
    [{ scp: [['echo']] }],
    [{ scope: 'https://other.example.com/mcp/echo' }],
    [{ roles: { echo: true } }],
    [{ roles: [['echo']] }],
    [{ realm_access: { roles: ['echo'] } }],
    [{ resource_access: { [AUDIENCE]: { roles: ['echo'] } } }],
    [{ 'cognito:groups': ['echo'] }],
  ])('%j grants nothing', async (claims) => {
    expect(await scopes({ client_id: 'c', ...claims })).not.toContain('echo');
  });
});

describe('over HTTP', () => {
  test('a client id that looks like a key is recorded unchanged', async () => {
    const app = await startOAuthApp({ issuer: issuer.url });
    const client = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF';
    const token = await issuer.token({ client_id: client });
    expect((await app.post(callOf('echo'), { authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await app.audit())[0]).toMatchObject({ clientId: client, outcome: 'ok' });
    await app.stop();
  });
});
