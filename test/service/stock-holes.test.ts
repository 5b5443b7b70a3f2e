import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeResource } from '../../service/auth/protected-resource.ts';
import { callOf, modern, type RunningApp, startApp } from './support/start-app.ts';
import { startStockServer } from './support/stock-server.ts';
import { TOKENS } from './support/tokens.ts';

let app: RunningApp;
let stock: Awaited<ReturnType<typeof startStockServer>>;
beforeAll(async () => {
  const publicUrl = new URL('https://mcp.example.com/mcp');
  app = await startApp({
    resource: describeResource({ publicUrl, issuer: 'https://issuer.example.com/', toolScopes: [['echo']] }),
  });
  stock = await startStockServer();
});
afterAll(async () => {
  await app.stop();
  stock.stop();
});

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | undefined>;
  readonly body?: object | string | Buffer;
}
type Received = Pick<IncomingMessage, 'headers'> & { readonly status: number; readonly text: string };

/** One request with a token, unless a header says otherwise; a header of value `undefined` is left out. */
function send(url: string, { method = 'POST', path = '/mcp', headers, body }: Sent): Promise<Received> {
  const all = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${TOKENS.alice}`,
    ...headers,
  };
  const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const message = request(new URL(path, url), { method, headers: present }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    message.on('error', reject);
    message.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
}

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const LISTEN = modern('subscriptions/listen', { notifications: { toolsListChanged: true } });

/** The request, the checked part, this service's result, and the result of the SDKs' helpers. */
const HOLES: readonly [string, Sent, (received: Received) => unknown, unknown, unknown][] = [
  [
    'the text of an exception reaches the client',
    { body: callOf('fails') },
    ({ text }) => text.includes('hunter2'),
    false,
    true,
  ],
  [
    'a page of any origin may call',
    { headers: { origin: 'https://evil.example' }, body: LIST },
    ({ status }) => status,
    403,
    200,
  ],
  [
    'a page without an origin may call',
    { headers: { origin: 'null' }, body: LIST },
    ({ status }) => status,
    403,
    200,
  ],
  [
    'the load balancer’s health check, whose Host is an address, fails',
    { method: 'GET', path: '/healthz', headers: { host: '10.0.1.23' } },
    ({ status }) => status,
    200,
    403,
  ],
  [
    'malformed JSON gets a page and a stack trace',
    { body: '{"jsonrpc": ' },
    ({ headers, text }) => [headers['content-type'], /\bat .*:\d+:\d+/.test(text)],
    ['application/json', false],
    ['text/html; charset=utf-8', true],
  ],
  [
    'a body over the limit gets a page and a stack trace',
    { body: { ...LIST, params: { x: 'x'.repeat(200_000) } } },
    ({ status, headers, text }) => [status, headers['content-type'], /\bat .*:\d+:\d+/.test(text)],
    [413, 'application/json', false],
    [413, 'text/html; charset=utf-8', true],
  ],
  [
    'the framework names itself',
    { body: LIST },
    ({ headers }) => [headers['x-powered-by'], headers.etag === undefined],
    [undefined, true],
    ['Express', false],
  ],
  [
    'idle connections close before the load balancer’s 60 s',
    { body: LIST },
    ({ headers }) => headers['keep-alive'],
    'timeout=75',
    'timeout=5',
  ],
  [
    'URIs are matched against templates in polynomial time',
    { body: { ...LIST, method: 'resources/read', params: { uri: `x://${'/'.repeat(100)}` } } },
    ({ text }) => /"code":-32601/.test(text),
    true,
    false,
  ],
  [
    'missing credentials are called an invalid token',
    { headers: { authorization: undefined }, body: LIST },
    ({ status, headers }) => [status, /error=/.test(headers['www-authenticate'] ?? '')],
    [401, false],
    [401, true],
  ],
  [
    'two spaces after Bearer, which RFC 7235 allows, are refused',
    { headers: { authorization: `Bearer  ${TOKENS.alice}` }, body: LIST },
    ({ status }) => status,
    200,
    401,
  ],
  [
    'a tool named constructor exists',
    { body: callOf('constructor') },
    ({ text }) => text.includes('disabled'),
    false,
    true,
  ],
  [
    'a tool named __proto__ exists',
    { body: callOf('__proto__') },
    ({ text }) => text.includes('disabled'),
    false,
    true,
  ],
  [
    'anyone may hold a subscription open',
    { headers: LISTEN.headers, body: LISTEN.body },
    ({ status, headers }) => [status, headers['content-type']?.split(';')[0]],
    [404, 'application/json'],
    [200, 'text/event-stream'],
  ],
  [
    'the metadata of the resource is missing at the root',
    { method: 'GET', path: '/.well-known/oauth-protected-resource', headers: { authorization: undefined } },
    ({ status }) => status,
    200,
    404,
  ],
  [
    'the metadata of the authorization server is returned as this server’s',
    { method: 'GET', path: '/.well-known/oauth-authorization-server', headers: { authorization: undefined } },
    ({ status }) => status,
    404,
    200,
  ],
  [
    'parameters of a wrong type are an internal error, in the words of a schema library',
    { body: { ...LIST, params: { cursor: 5 } } },
    ({ text }) => [/"code":(-\d+)/.exec(text)?.[1], text.includes('invalid_type')],
    ['-32602', false],
    ['-32603', true],
  ],
  [
    'a cursor that was never issued is accepted',
    { body: { ...LIST, params: { cursor: 'garbage' } } },
    ({ text }) => text.includes('"code":-32602'),
    true,
    false,
  ],
  [
    'a body that is not UTF-8 is repaired and accepted',
    {
      body: Buffer.concat([
        Buffer.from('{"jsonrpc":"2.0","method":"ping","id":"'),
        Buffer.of(0xff, 0x22, 0x7d),
      ]),
    },
    ({ status }) => status,
    400,
    200,
  ],
  [
    'Accept: */* is refused, which is what curl sends',
    { headers: { accept: '*/*' }, body: LIST },
    ({ status }) => status,
    200,
    406,
  ],
];

describe.each(HOLES)('with the SDKs’ helpers %s', (_hole, sent, look, ours, theirs) => {
  test('not here', async () => {
    expect(look(await send(app.url, sent))).toEqual(ours);
  });

  test('still there, so that the test above proves something', async () => {
    expect(look(await send(stock.url, sent))).toEqual(theirs);
  });
});
