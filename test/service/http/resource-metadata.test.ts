import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commonScopes, describeResource } from '../../../service/auth/protected-resource.ts';
import type { Tool } from '../../../service/tools/tool.ts';
import {
  claimsOf,
  createSigningKey,
  type IssuerStandIn,
  type SigningKey,
  sign,
  startIssuer,
} from '../support/issuer.ts';
import { startOAuthApp } from '../support/oauth-app.ts';
import { callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';
import { TEST_TOOLS } from '../support/tools.ts';

const PATHS = ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource'];

let issuer: IssuerStandIn;
let key: SigningKey;
let app: RunningApp;
beforeAll(async () => {
  key = await createSigningKey('key');
  issuer = await startIssuer([key]);
  app = await startOAuthApp({ issuer: issuer.url });
});
afterAll(async () => {
  await app.stop();
  await issuer.close();
});

describe.each(PATHS)('the protected-resource metadata at %s', (path) => {
  const at = (init?: RequestInit) => fetch(new URL(path, app.url), init);

  test('names this server, its issuer and the required scopes, without a token', async () => {
    const response = await at();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toEqual({
      resource: 'https://mcp.example.com/mcp',
      authorization_servers: [issuer.url],
      scopes_supported: ['echo'],
      bearer_methods_supported: ['header'],
    });
  });

  test('may be cached for five minutes', async () => {
    expect((await at()).headers.get('cache-control')).toBe('public, max-age=300');
  });

  test('is the same for every Host and query', async () => {
    const plain = await (await at()).text();
    const other = await fetch(new URL(`${path}?resource=https://evil.example.com`, app.url), {
      headers: { 'x-forwarded-host': 'evil.example.com' },
    });
    expect(await other.text()).toBe(plain);
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('answers %s with 405', async (method) => {
    const response = await at({ method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('may be read by any page, which sends a preflight because of a protocol header', async () => {
    const origin = 'https://anywhere.example.com';
    const preflight = await at({
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'mcp-protocol-version',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, HEAD');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('*');
    expect(await preflight.text()).toBe('');
    for (const method of ['GET', 'HEAD']) {
      const response = await at({ method, headers: { origin } });
      expect(response.status).toBe(200);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  test('does not exist in tokens mode', async () => {
    const plain = await startApp();
    expect((await fetch(new URL(path, plain.url))).status).toBe(404);
    await plain.stop();
  });
});

test.each([`${PATHS[0]}/`, `${PATHS[1]}/`, `${PATHS[1]}/MCP`, `${PATHS[1]}/other`])(
  '%s does not exist',
  async (path) => {
    expect((await fetch(new URL(path, app.url))).status).toBe(404);
  },
);

describe('challenges', () => {
  test.each([
    ['no token', undefined, 401, ''],
    [
      'a bad token',
      'Bearer bad',
      401,
      'error="invalid_token", error_description="The access token is not valid", ',
    ],
    ['a malformed header', 'Bearer a b', 400, 'error="invalid_request", '],
  ])('%s gets the scope and the URL of the metadata', async (_what, authorization, status, error) => {
    const response = await app.post(callOf('echo'), { authorization });
    expect(response.status).toBe(status);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer realm="mcp", ${error}scope="echo", ` +
        'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"',
    );
  });

  test('a client with one of a tool’s two scopes gets both, so that it does not lose the one it has', async () => {
    const [echo] = TEST_TOOLS as [Tool];
    const tools = [echo, { ...echo, name: 'guarded', scopes: ['echo', 'other'] }];
    const stepping = await startOAuthApp({ issuer: issuer.url, tools });
    const authorization = `Bearer ${await sign(key, claimsOf(issuer.url))}`;
    const modernCall = modern('tools/call', { name: 'guarded', arguments: { text: 'x' } });
    for (const response of [
      await stepping.post(callOf('guarded'), { authorization }),
      await stepping.post(modernCall.body, { ...modernCall.headers, authorization }),
    ]) {
      expect(response.status).toBe(403);
      expect(response.headers.get('www-authenticate')).toBe(
        'Bearer realm="mcp", error="insufficient_scope", scope="echo other", ' +
          'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"',
      );
    }
    await stepping.stop();
  });

  test('a token in the query does not count in oauth mode either', async () => {
    const response = await fetch(`${app.url}?access_token=x`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(callOf('echo')),
    });
    expect(response.status).toBe(401);
  });

  test('a client is first asked for the scopes that every tool needs, and no more', () => {
    expect(commonScopes([['read'], ['read', 'write'], ['admin', 'read']])).toEqual(['read']);
    expect(commonScopes([['read', 'write'], ['read', 'write'], ['read']])).toEqual(['read']);
    expect(commonScopes([['read'], ['write']])).toEqual([]);
    expect(commonScopes([])).toEqual([]);
  });

  test('each scope of a tool is listed once, in order, and no other scope', () => {
    const publicUrl = new URL('https://mcp.example.com/mcp');
    const { scopes_supported: scopes } = describeResource({
      publicUrl,
      issuer: 'https://issuer.example.com/',
      toolScopes: [['write', 'read'], ['read']],
    });
    expect(scopes).toEqual(['read', 'write']);
  });
});
