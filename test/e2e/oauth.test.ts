import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../service/support/free-port.ts';
import {
  claimsOf,
  createSigningKey,
  type IssuerStandIn,
  type SigningKey,
  sign,
  startIssuer,
} from '../service/support/issuer.ts';
import { callOf } from '../service/support/start-app.ts';
import { type RunningProcess, startProcess } from '../service/support/start-process.ts';
import { fixtureBundle } from '../support/bundles.ts';

let key: SigningKey;
let issuer: IssuerStandIn;
let server: RunningProcess;
let url: string;
beforeEach(async () => {
  key = await createSigningKey('key', 'RS256');
  issuer = await startIssuer([key]);
});
afterEach(async () => {
  server.child.kill('SIGTERM');
  expect(await server.exited()).toBe(0);
  await issuer.close();
});

async function start(variables: Record<string, string> = {}): Promise<void> {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/mcp`;
  server = startProcess(process.execPath, [fixtureBundle(), 'local'], {
    PORT: String(port),
    MCP_AUTH_MODE: 'oauth',
    MCP_OAUTH_ISSUER: issuer.url,
    ...variables,
  });
  await server.says(/Client configuration/);
}

async function ask(claims: Record<string, unknown>, body: object): Promise<Response> {
  return post(body, {
    authorization: `Bearer ${await sign(key, claimsOf(issuer.url, { aud: url, ...claims }))}`,
  });
}
function post(body: object, headers: Record<string, string> = {}): Promise<Response> {
  const accept = 'application/json, text/event-stream';
  const all = { 'content-type': 'application/json', accept, ...headers };
  return fetch(url, { method: 'POST', headers: all, body: JSON.stringify(body) });
}
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

describe('the server in oauth mode', () => {
  test('announces its issuer, checks that issuer, and accepts its tokens', async () => {
    await start();
    await server.says(/"event":"issuer_check"/);
    expect(server.stderr()).toContain('"problems":[]');
    expect(server.stderr()).toContain(`Tokens from  ${issuer.url}`);
    expect(server.stderr()).not.toContain('Authorization');

    const metadata = await fetch(new URL('/.well-known/oauth-protected-resource/mcp', url));
    expect(await metadata.json()).toMatchObject({
      resource: url,
      authorization_servers: [issuer.url],
      scopes_supported: expect.arrayContaining(['scrape']),
    });
    expect((await ask({ scope: 'scrape' }, list)).status).toBe(200);
    expect((await ask({ aud: 'https://other.example.com/mcp' }, list)).status).toBe(401);
    const asked = await post(list);
    expect(asked.status).toBe(401);
    // Scopes that every tool needs; the tools of a fork may have none in common.
    expect(asked.headers.get('www-authenticate')).toMatch(
      /^Bearer realm="mcp", (scope="scrape", )?resource_metadata="/,
    );

    const refused = await ask({ scope: 'openid' }, callOf('fetch_page', { url: 'https://example.com/' }));
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toBe(
      'Bearer realm="mcp", error="insufficient_scope", scope="scrape", ' +
        `resource_metadata="${new URL('/.well-known/oauth-protected-resource/mcp', url).href}"`,
    );
    const [first] = server.stdout().split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ type: 'audit', clientId: 'client-1', outcome: 'ok' });
  });

  test('accepts an application’s token, which has roles and no scope, and no person’s role', async () => {
    await start();
    const call = callOf('fetch_page', { url: 'http://169.254.169.254/' });
    expect((await ask({ scope: undefined, roles: ['scrape'] }, call)).status).toBe(200);
    expect((await ask({ scope: undefined, roles: ['other'] }, call)).status).toBe(403);
    expect((await ask({ scope: 'openid', roles: ['scrape'] }, call)).status).toBe(403);
  });

  test('fetches keys from the configured URL, and announces scopes with the configured prefix', async () => {
    const other = await createSigningKey('key', 'RS256');
    const keys = await startIssuer([key]);
    issuer.jwks = { keys: [other.jwk] };
    await start({ MCP_OAUTH_JWKS_URL: `${keys.url}/jwks`, MCP_OAUTH_SCOPE_PREFIX: 'api://mcp/' });
    const call = callOf('fetch_page', { url: 'http://169.254.169.254/' });
    expect((await ask({ scope: 'api://mcp/scrape' }, call)).status).toBe(200);
    const refused = await ask({ scope: 'openid' }, call);
    expect(refused.headers.get('www-authenticate')).toContain(' scope="api://mcp/scrape", ');
    const metadata = await fetch(new URL('/.well-known/oauth-protected-resource/mcp', url));
    expect(await metadata.json()).toMatchObject({
      scopes_supported: expect.arrayContaining(['api://mcp/scrape']),
    });
    await keys.close();
  });

  test('warns when its audience is not the URL that clients ask for', async () => {
    await start({ MCP_OAUTH_AUDIENCE: 'api://mcp' });
    await server.says(/"event":"issuer_check"/);
    expect(server.stderr()).toContain(`the audience is api://mcp, but clients ask for resource ${url}`);
    expect((await ask({ aud: 'api://mcp' }, list)).status).toBe(200);
  });

  test('starts while its issuer is down, responds 503, warns, and serves when the issuer is back', async () => {
    issuer.behaviour = (request) => request.socket.destroy();
    await start();
    await server.says(/"level":"warn","event":"issuer_check"/);
    expect((await fetch(new URL('/healthz', url))).status).toBe(200);
    expect((await ask({ scope: 'scrape' }, list)).status).toBe(503);
    issuer.behaviour = undefined;
    await new Promise((resolve) => setTimeout(resolve, 5_100));
    expect((await ask({ scope: 'scrape' }, list)).status).toBe(200);
  });
});
