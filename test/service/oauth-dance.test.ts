import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { UnauthorizedError } from '@modelcontextprotocol/client';
import { decodeJwt } from 'jose';
import type { Tool } from '../../service/tools/tool.ts';
import {
  type AuthorizationServer,
  signIn,
  startAuthorizationServer,
} from './support/authorization-server.ts';
import {
  connectBySignIn,
  createSession,
  type Kind,
  REDIRECT,
  registerClient,
  type Session,
  V1,
  V2_HANDSHAKE,
  V2_PINNED,
} from './support/desktop-client.ts';
import { freePort } from './support/free-port.ts';
import { startOAuthApp } from './support/oauth-app.ts';
import { callOf, type RunningApp } from './support/start-app.ts';
import { TEST_TOOLS } from './support/tools.ts';

const [echo] = TEST_TOOLS as [Tool];
const tools: readonly Tool[] = [echo, { ...echo, name: 'guarded', scopes: ['echo', 'other'] }];

let authorizationServer: AuthorizationServer;
let app: RunningApp;
let port: number;
beforeAll(async () => {
  authorizationServer = await startAuthorizationServer(['echo', 'other']);
  port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}/mcp`;
  app = await startOAuthApp({ issuer: authorizationServer.issuer, audience: publicUrl, port, tools });
});
afterAll(async () => {
  await app.stop();
  await authorizationServer.close();
});

const CLIENTS: Record<string, Kind> = {
  'the v1 SDK’s client (2025-11-25)': V1,
  'the v2 SDK’s client by default (handshake)': V2_HANDSHAKE,
  'the v2 SDK’s client pinned to 2026-07-28': V2_PINNED,
};

const dance = (kind: Kind, session: Session, url = app.url) => connectBySignIn(kind, session, url);

describe.each(Object.entries(CLIENTS))('%s', (_name, kind) => {
  test('finds the issuer by itself, signs in with PKCE for this server only, and calls a tool', async () => {
    const started = createSession();
    const client = await dance(kind, started);
    const result = await client.callTool({ name: 'echo', arguments: { text: 'hello' } });
    const { client_id: clientId, aud, iss, scope } = decodeJwt(started.tokens()['access_token'] ?? '');
    expect(result).toMatchObject({ structuredContent: { text: 'hello', clientId } });
    expect([aud, iss, scope]).toEqual([app.url, authorizationServer.issuer, 'echo']);
    const asked = started.visited[0]?.searchParams;
    expect(asked?.get('code_challenge_method')).toBe('S256');
    expect(asked?.get('resource')).toBe(app.url);
    expect(asked?.get('scope')).toBe('echo');
    await client.close();
  });
});

describe('tokens of the authorization server that are not for this server', () => {
  /** A token of the code flow with these parameters. */
  async function obtain(changes: Record<string, string>): Promise<Record<string, string>> {
    const verifier = 'v'.repeat(64);
    const challenge = Buffer.from(
      await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)),
    ).toString('base64url');
    const { client_id: clientId } = await registerClient(authorizationServer.issuer);
    const query = {
      client_id: clientId,
      response_type: 'code',
      redirect_uri: REDIRECT,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...changes,
    };
    const callback = await signIn(
      new URL(`${authorizationServer.issuer}/auth?${new URLSearchParams(query)}`),
      REDIRECT,
    );
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: REDIRECT,
      code: callback.searchParams.get('code') ?? '',
      code_verifier: verifier,
      ...(changes['resource'] === undefined ? {} : { resource: changes['resource'] }),
    });
    const response = await fetch(`${authorizationServer.issuer}/token`, { method: 'POST', body });
    return (await response.json()) as Record<string, string>;
  }
  const ask = (token: string | undefined) => app.post(callOf('echo'), { authorization: `Bearer ${token}` });

  test('one for this server is accepted, so that the refusals below are due to their own fault', async () => {
    const { access_token: token } = await obtain({ scope: 'echo', resource: app.url });
    expect((await ask(token)).status).toBe(200);
  });

  test('one for another server gets 401', async () => {
    const { access_token: token } = await obtain({
      scope: 'echo',
      resource: 'https://other.example.com/mcp',
    });
    expect(decodeJwt(token ?? '').aud).toBe('https://other.example.com/mcp');
    expect((await ask(token)).status).toBe(401);
  });

  test('the ID token and an opaque access token get 401', async () => {
    const { access_token: opaque, id_token: idToken } = await obtain({ scope: 'openid' });
    expect(decodeJwt(idToken ?? '').iss).toBe(authorizationServer.issuer);
    expect([(await ask(idToken)).status, (await ask(opaque)).status]).toEqual([401, 401]);
  });

  test('one without the tool’s scope gets 403 and a challenge with the scope', async () => {
    const { access_token: token } = await obtain({ scope: 'other', resource: app.url });
    const response = await ask(token);
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer realm="mcp", error="insufficient_scope", scope="echo", ' +
        `resource_metadata="http://127.0.0.1:${port}/.well-known/oauth-protected-resource/mcp"`,
    );
  });
});

test('a client that calls a tool beyond its scopes is asked to request all that the tool needs, and then succeeds', async () => {
  const { issuer } = authorizationServer;
  const started = createSession({ ...(await registerClient(issuer)), issuer });
  await (await dance(V2_HANDSHAKE, started)).close();

  const guarded = { name: 'guarded', arguments: { text: 'deep' } };
  const limited = V2_HANDSHAKE.client();
  const stepping = V2_HANDSHAKE.transport(started.provider, app.url);
  await limited.connect(stepping as never);
  await expect(limited.callTool(guarded)).rejects.toThrow(UnauthorizedError);
  const url = started.visited.at(-1) as URL;
  expect(url.searchParams.get('scope')?.split(' ').sort()).toEqual(['echo', 'other']);
  const callback = await signIn(url, REDIRECT);
  await stepping.finishAuth(V2_HANDSHAKE.callback(callback.searchParams));
  await limited.close();

  const entitled = V2_HANDSHAKE.client();
  await entitled.connect(V2_HANDSHAKE.transport(started.provider, app.url) as never);
  expect(await entitled.callTool(guarded)).toMatchObject({ structuredContent: { text: 'deep' } });
  await entitled.close();
});

describe('an authorization server with prefixed scopes', () => {
  let prefixing: AuthorizationServer;
  let prefixed: RunningApp;
  beforeAll(async () => {
    prefixing = await startAuthorizationServer(['api://mcp/echo', 'api://mcp/other']);
    const free = await freePort();
    const audience = `http://127.0.0.1:${free}/mcp`;
    const scopePrefix = 'api://mcp/';
    prefixed = await startOAuthApp({ issuer: prefixing.issuer, audience, port: free, tools, scopePrefix });
  });
  afterAll(async () => {
    await prefixed.stop();
    await prefixing.close();
  });

  test.each(Object.entries(CLIENTS))(
    '%s asks for the scopes of the challenge and calls a tool',
    async (_name, kind) => {
      const started = createSession();
      const client = await dance(kind, started, prefixed.url);
      expect(started.visited[0]?.searchParams.get('scope')).toBe('api://mcp/echo');
      expect(decodeJwt(started.tokens()['access_token'] ?? '')['scope']).toBe('api://mcp/echo');
      const result = await client.callTool({ name: 'echo', arguments: { text: 'hello' } });
      expect(result).toMatchObject({ structuredContent: { text: 'hello' } });
      await client.close();
    },
  );

  test('metadata, challenge and step-up all contain the prefixed scopes', async () => {
    const metadata = await fetch(new URL('/.well-known/oauth-protected-resource/mcp', prefixed.url));
    expect(await metadata.json()).toMatchObject({ scopes_supported: ['api://mcp/echo', 'api://mcp/other'] });
    const refused = await prefixed.post(callOf('echo'), { authorization: undefined });
    expect(refused.headers.get('www-authenticate')).toContain(', scope="api://mcp/echo", ');

    const started = createSession();
    await (await dance(V2_HANDSHAKE, started, prefixed.url)).close();
    const authorization = `Bearer ${started.tokens()['access_token']}`;
    const response = await prefixed.post(callOf('guarded'), { authorization });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain(
      'error="insufficient_scope", scope="api://mcp/echo api://mcp/other", ',
    );
  });
});
