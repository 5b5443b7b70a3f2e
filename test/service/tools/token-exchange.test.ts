import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createTokenExchange, type ExchangeRequest } from '../../../service/auth/token-exchange.ts';
import { createDependencies } from '../../../service/dependencies.ts';
import { parseEnvironment } from '../../../service/environment.ts';
import type { ToolContext } from '../../../service/tools/tool.ts';
import { greetTool } from '../../support/fixture-tools.ts';
import { startTool } from '../../support/start-tool.ts';
import { EXCHANGE_VALUES, exchangeTool } from '../support/exchange-tool.ts';
import {
  claimsOf,
  createSigningKey,
  type IssuerStandIn,
  type SigningKey,
  sign,
  startIssuer,
} from '../support/issuer.ts';
import { startOAuthApp } from '../support/oauth-app.ts';
import { answerOf, callOf, type RunningApp } from '../support/start-app.ts';

/** One request of the token endpoint. */
interface Exchange {
  readonly authorization: string;
  readonly body: Readonly<Record<string, string>>;
}

let issuer: IssuerStandIn;
let key: SigningKey;
let app: RunningApp;
let exchanges: Exchange[];
let contexts: ToolContext[];
/** The answer of the token endpoint, by RFC 8693 §2.2. */
let answer: (exchange: Exchange) => [status: number, body: object];

beforeEach(async () => {
  key = await createSigningKey('key', 'ES256');
  issuer = await startIssuer([key]);
  exchanges = [];
  contexts = [];
  answer = () => [
    200,
    {
      access_token: `upstream-${exchanges.length}`,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 3600,
    },
  ];
  issuer.behaviour = (request, response) => {
    const reply = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url === '/jwks') {
      reply(200, issuer.jwks);
      return;
    }
    if (request.url !== '/token') {
      reply(request.url?.includes('openid-configuration') ? 200 : 404, issuer.metadata);
      return;
    }
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const body = Object.fromEntries(new URLSearchParams(text));
      const exchange = { authorization: request.headers.authorization ?? '', body };
      exchanges.push(exchange);
      reply(...answer(exchange));
    });
  };
  const tool = await startTool(
    exchangeTool((context) => contexts.push(context)),
    {
      ...EXCHANGE_VALUES,
      issuer: issuer.url,
    },
  );
  app = await startOAuthApp({ issuer: issuer.url, tools: [tool], exchangesTokens: true });
});
afterEach(async () => {
  await app.stop();
  await issuer.close();
});

const tokenOf = (sub: string, changes = {}) =>
  sign(key, claimsOf(issuer.url, { client_id: 'connector', sub, ...changes }), { typ: 'at+jwt' });

async function call(token: string): Promise<{ text: string; isError: boolean }> {
  const response = await app.post(callOf('crm', {}), { authorization: `Bearer ${token}` });
  const { result } = await answerOf(response);
  return { text: result.content[0]?.text ?? '', isError: result.isError === true };
}

describe('a tool that exchanges tokens', () => {
  test('gets one for its audience and scopes, from the issuer, with the service’s own credentials', async () => {
    const token = await tokenOf('ann');
    expect(await call(token)).toEqual({ text: 'upstream-1', isError: false });
    expect(exchanges).toEqual([
      {
        authorization: `Basic ${Buffer.from('mcp+server:pass%3Aword').toString('base64')}`,
        body: {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: token,
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          audience: 'https://crm.example.com',
          scope: 'crm.read crm.list',
        },
      },
    ]);
  });

  test('gets the same one again for the same user, also in calls at once, and another for another user', async () => {
    const [ann, ben] = [await tokenOf('ann'), await tokenOf('ben')];
    const texts = await Promise.all([call(ann), call(ann), call(ann)]);
    expect(texts.map(({ text }) => text)).toEqual(['upstream-1', 'upstream-1', 'upstream-1']);
    expect((await call(ann)).text).toBe('upstream-1');
    expect((await call(ben)).text).toBe('upstream-2');
    expect(exchanges).toHaveLength(2);
  });

  test('gets no cached one that has no lifetime, or whose lifetime is over', async () => {
    const token = await tokenOf('ann');
    const usual = answer;
    answer = (exchange) => [200, { ...usual(exchange)[1], expires_in: undefined }];
    expect((await call(token)).text).toBe('upstream-1');
    expect((await call(token)).text).toBe('upstream-2');
    answer = (exchange) => [200, { ...usual(exchange)[1], expires_in: 0.02 }];
    expect((await call(token)).text).toBe('upstream-3');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect((await call(token)).text).toBe('upstream-4');
  });

  test('finds the client’s token nowhere in its context', async () => {
    const token = await tokenOf('ann');
    await call(token);
    const [context] = contexts;
    expect(Object.keys(context ?? {})).not.toContain('subjectToken');
    expect(JSON.stringify(context)).not.toContain(token);
    for (const member of Object.values(context ?? {})) {
      if (typeof member !== 'function' || member.length > 0 || member === context?.upstreamToken) continue;
      expect(JSON.stringify(await Promise.resolve((member as () => unknown)()).catch(String))).not.toContain(
        token,
      );
    }
  });

  const refusals: [string, () => [number, object]][] = [
    ['a refusal', () => [400, { error: 'invalid_target' }]],
    ['a wrong secret', () => [401, { error: 'invalid_client' }]],
    ['a failure', () => [500, {}]],
    ['an answer of another grant', () => [200, { access_token: 'x', token_type: 'Bearer' }]],
    [
      'another kind of token',
      () => [
        200,
        {
          access_token: 'x',
          issued_token_type: 'urn:ietf:params:oauth:token-type:id_token',
          token_type: 'Bearer',
        },
      ],
    ],
  ];
  test.each(refusals)('gets none after %s, is told so safely, and is tried again', async (_what, refusal) => {
    const token = await tokenOf('ann');
    const usual = answer;
    answer = refusal;
    expect(await call(token)).toEqual({
      text: 'The authorization server gave no token for the system behind the tool; sign in again, or ask for access',
      isError: true,
    });
    const [record] = await app.audit();
    expect(record).toMatchObject({ outcome: 'tool_error', errorCode: 'upstream_token_refused' });
    expect(JSON.stringify(record)).not.toContain(token);
    answer = usual;
    expect((await call(token)).text).toBe('upstream-2');
  });

  test('gets none if the issuer returns the client’s own token', async () => {
    const usual = answer;
    answer = (exchange) => [200, { ...usual(exchange)[1], access_token: exchange.body['subject_token'] }];
    expect(await call(await tokenOf('ann'))).toMatchObject({ isError: true });
  });

  test('is refused by name without an issuer', () => {
    const variables = { MCP_TOOL_CONFIG: JSON.stringify({ crm: EXCHANGE_VALUES.values }) };
    expect(() => parseEnvironment('local', variables, [exchangeTool()])).toThrow(
      'crm exchanges tokens, which needs MCP_AUTH_MODE oauth',
    );
  });
});

describe('the access token of a request', () => {
  test('is kept only where a tool exchanges it', async () => {
    const tool = await startTool(exchangeTool(), { ...EXCHANGE_VALUES, issuer: issuer.url });
    const other = await startOAuthApp({ issuer: issuer.url, tools: [tool] });
    const authorization = `Bearer ${await tokenOf('ann')}`;
    const { result } = await answerOf(await other.post(callOf('crm', {}), { authorization }));
    expect(result.isError).toBe(true);
    expect(exchanges).toEqual([]);
    await other.stop();
  });

  test.each([
    ['a tool that exchanges tokens', [exchangeTool()], true],
    ['no such tool', [greetTool], false],
  ])('is kept by a service with %s: %j', async (_what, tools, kept) => {
    const variables = {
      ...{ MCP_AUTH_MODE: 'oauth', MCP_OAUTH_ISSUER: issuer.url, ...EXCHANGE_VALUES.env },
      MCP_TOOL_CONFIG: JSON.stringify(kept ? { crm: EXCHANGE_VALUES.values } : {}),
    };
    const { exchangesTokens } = await createDependencies(
      parseEnvironment('local', variables, tools),
      variables,
    );
    expect(exchangesTokens).toBe(kept);
  });
});

describe('the cache of the exchange', () => {
  const credentials = (clientSecret: string) => async () =>
    JSON.stringify({ clientId: 'mcp server', clientSecret });
  const request: ExchangeRequest = {
    audience: 'https://crm.example.com',
    scopes: ['crm.read'],
    credentials: credentials('one'),
    subjectToken: 'token of ann',
  };
  let now: number;
  let exchange: ReturnType<typeof createTokenExchange>;
  beforeEach(() => {
    now = 0;
    exchange = createTokenExchange({ issuer: issuer.url, now: () => now });
  });

  test.each<[what: string, change: Partial<ExchangeRequest>]>([
    ['user', { subjectToken: 'token of ben' }],
    ['audience', { audience: 'https://erp.example.com' }],
    ['scope', { scopes: ['crm.read', 'crm.write'] }],
    ['client, such as that of another tool, or a rotated secret', { credentials: credentials('two') }],
  ])('gives no token of another %s', async (_what, change) => {
    expect(await exchange(request)).toBe('upstream-1');
    expect(await exchange({ ...request, ...change })).toBe('upstream-2');
    expect(await exchange(request)).toBe('upstream-1');
  });

  test('has the token endpoint for ten minutes, so that an exchange is one request', async () => {
    await exchange(request);
    const before = issuer.requests();
    await exchange({ ...request, subjectToken: 'token of ben' });
    expect(issuer.requests() - before).toBe(1);
    now += 600_000;
    await exchange({ ...request, subjectToken: 'token of eve' });
    expect(issuer.requests() - before).toBeGreaterThan(2);
  });

  test('forgets an issuer whose metadata it could not read', async () => {
    const { behaviour } = issuer;
    issuer.behaviour = (_request, response) => response.writeHead(503).end();
    await expect(exchange(request)).rejects.toMatchObject({ code: 'upstream_token_refused' });
    issuer.behaviour = behaviour;
    expect(await exchange(request)).toBe('upstream-1');
  });
});

test.each<[what: string, endpoint: string | undefined]>([
  ['no token endpoint', undefined],
  ['one that is neither https nor on this machine', 'http://login.example.com/token'],
  ['one that is no URL', 'token'],
])('a client’s token is sent to no issuer with %s', async (_what, endpoint) => {
  issuer.metadata['token_endpoint'] = endpoint;
  expect(await call(await tokenOf('ann'))).toMatchObject({ isError: true });
  expect((await app.audit())[0]).toMatchObject({
    reason: 'the issuer names no token endpoint with https',
  });
  expect(exchanges).toEqual([]);
});
