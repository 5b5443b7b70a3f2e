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

async function start(): Promise<void> {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/mcp`;
  server = startProcess('node', ['--import', 'tsx', 'service/main.ts', 'local'], {
    PORT: String(port),
    MCP_AUTH_MODE: 'oauth',
    MCP_OAUTH_ISSUER: issuer.url,
  });
  await server.says(/Client configuration/);
}

async function ask(claims: Record<string, unknown>, body: object): Promise<Response> {
  const token = await sign(key, claimsOf(issuer.url, { aud: url, ...claims }));
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify(body),
  });
}
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

describe('the server in oauth mode', () => {
  test('says whose tokens it takes, checks that issuer, and serves its tokens', async () => {
    await start();
    await server.says(/"event":"issuer_check"/);
    expect(server.stderr()).toContain('"problems":[]');
    expect(server.stderr()).toContain(`Tokens from  ${issuer.url}`);
    expect(server.stderr()).not.toContain('Authorization');

    const metadata = await fetch(new URL('/.well-known/oauth-protected-resource/mcp', url));
    expect(await metadata.json()).toMatchObject({
      resource: url,
      authorization_servers: [issuer.url],
      scopes_supported: ['scrape'],
    });
    expect((await ask({ scope: 'scrape' }, list)).status).toBe(200);
    expect((await ask({ aud: 'https://other.example.com/mcp' }, list)).status).toBe(401);

    const refused = await ask({ scope: 'openid' }, callOf('scrape_url', { url: 'https://example.com/' }));
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toBe(
      'Bearer realm="mcp", error="insufficient_scope", scope="scrape", ' +
        `resource_metadata="${new URL('/.well-known/oauth-protected-resource/mcp', url).href}"`,
    );
    const [first] = server.stdout().split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ type: 'audit', clientId: 'client-1', outcome: 'ok' });
  });

  test('starts while its issuer is down, answers 503, warns, and serves when it is back', async () => {
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
