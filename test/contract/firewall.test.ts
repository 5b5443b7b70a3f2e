import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeResource } from '../../service/auth/protected-resource.ts';
import { ServiceError } from '../../service/errors.ts';
import { withMetadata } from '../infra/combinations.ts';
import { decide, type Seen } from '../infra/firewall.ts';
import { only, template } from '../infra/templates.ts';
import { variants } from '../infra/variants.ts';
import { type RunningApp, startApp } from '../service/support/start-app.ts';

const [ORIGIN] = variants.metadataAndOrigin.task.allowedOrigins;
const host = withMetadata.domain.domainName;
const plain = only(template(withMetadata), 'AWS::WAFv2::WebACL').Properties;
const browsers = only(template(variants.metadataAndOrigin), 'AWS::WAFv2::WebACL').Properties;

let app: RunningApp;
beforeAll(async () => {
  const publicUrl = new URL(`https://${host}/mcp`);
  const resource = describeResource({ publicUrl, issuer: 'https://issuer.example.com', toolScopes: [] });
  app = await startApp({ transport: { hosts: new Set([host]) }, resource });
});
afterAll(() => app.stop());

interface Said {
  readonly status: number;
  readonly allow: string | undefined;
  readonly body: unknown;
}

/** The service's response to a request, without a firewall. */
function service({ method = 'POST', path = '/mcp', headers = { host } }: Seen): Promise<Said> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: new URL(app.url).port, method, path, headers };
    const outgoing = httpRequest(options, async (response) => {
      let text = '';
      for await (const part of response.setEncoding('utf8')) text += part;
      const { statusCode = 0, headers: got } = response;
      resolve({ status: statusCode, allow: got.allow, body: text === '' ? undefined : JSON.parse(text) });
    });
    outgoing.on('error', reject).end();
  });
}

function firewall(acl: typeof plain, seen: Seen): Said | undefined {
  const { rule, status = 0, headers, body } = decide(acl, { headers: { host }, ...seen });
  if (rule === undefined) return undefined;
  return { status, allow: headers?.['Allow'], body: seen.method === 'HEAD' ? undefined : body };
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const paths = ['/mcp', '/mcp/', '/MCP', '/%6dcp', '/', '/.env'];
const metadata = ['', '/mcp', '/'].map((suffix) => `/.well-known/oauth-protected-resource${suffix}`);
const requests = [...paths, ...metadata].flatMap((path) =>
  methods.map((method): [string, string] => [method, path]),
);

describe('the firewall’s refusals have the same text as the service’s', () => {
  test.each(requests)('%s %s', async (method, path) => {
    const said = await service({ method, path });
    const refused = firewall(plain, { method, path });
    if (refused) expect(refused).toEqual(said);
    // A request that passes has a served path and method, and at most lacks a token.
    else expect([200, 401, 415]).toContain(said.status);
  });

  test('a foreign host', async () => {
    const seen: Seen = { headers: { host: 'evil.example.com' } };
    expect(firewall(plain, seen)).toEqual(await service(seen));
  });

  test('too many requests', () => {
    const error = new ServiceError('client_rate_limited', { headers: { 'Retry-After': '300' } });
    expect(firewall(plain, { over: ['RateLimitPerIp'] })).toMatchObject({
      status: error.row.status,
      body: { jsonrpc: '2.0', error: error.toJSON(), id: null },
    });
  });
});

const preflights = [['/mcp', 'POST'], ...metadata.slice(0, 2).map((path) => [path, 'GET'])];
test.each(preflights)(
  'a preflight of %s that the service answers passes if pages may call, and only on that path',
  async (path, asked) => {
    const preflight: Seen = {
      method: 'OPTIONS',
      path,
      headers: { host, origin: ORIGIN, 'access-control-request-method': asked },
    };
    expect((await service(preflight)).status).toBe(204);
    expect(firewall(browsers, preflight)).toBeUndefined();
    expect(firewall(plain, preflight)?.status).toBe(405);
  },
);
