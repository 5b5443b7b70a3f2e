import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { answerOf, callOf, type RunningApp, startApp } from '../support/start-app.ts';
import { entry, TOKEN_DOCUMENT, TOKENS } from '../support/tokens.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

describe('authentication', () => {
  test('a request without a token gets 401 and a challenge without an error code', async () => {
    const response = await app.post(callOf('echo'), { authorization: undefined });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="mcp"');
  });

  test.each(['Basic YWxpY2U6cGFzcw==', 'Digest x', 'alice', 'Bearerx y'])(
    'the scheme of %j counts as no token',
    async (authorization) => {
      const response = await app.post(callOf('echo'), { authorization });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).not.toContain('error');
    },
  );

  test.each(['Bearer', 'Bearer a b', 'Bearer "quoted"', 'Bearer a,b', `Bearer ${'x'.repeat(12_289)}`])(
    'the malformed header %.20j gets 400 invalid_request',
    async (authorization) => {
      const response = await app.post(callOf('echo'), { authorization });
      expect(response.status).toBe(400);
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_request"');
    },
  );

  test('a token of more than 12 KiB is reported as too long, and so in the audit record', async () => {
    const running = await startApp();
    const ask = (length: number) =>
      running.post(callOf('echo'), { authorization: `Bearer ${'x'.repeat(length)}` });
    expect((await ask(12_288)).status).toBe(401);
    const response = await ask(12_289);
    expect((await answerOf(response)).error.message).toBe(
      'Send one Authorization header in the form: Bearer TOKEN: this one has more than 12288 characters',
    );
    expect((await running.audit(2))[1]).toMatchObject({
      errorCode: 'token_malformed',
      reason: 'token too long',
    });
    await running.stop();
  });

  test('two Authorization headers get 400, because either could be meant', async () => {
    const running = await startApp();
    const body = JSON.stringify(callOf('echo'));
    const lines = [
      'POST /mcp HTTP/1.1',
      'Host: 127.0.0.1',
      'Content-Type: application/json',
      'Accept: application/json, text/event-stream',
      `Content-Length: ${body.length}`,
      `Authorization: Bearer ${TOKENS.alice}`,
      `Authorization: Bearer ${TOKENS.bob}`,
      'Connection: close',
    ];
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
      socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
      socket.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      socket.on('end', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/^WWW-Authenticate: Bearer realm="mcp", error="invalid_request"\r$/im);
    const [record] = await running.audit();
    expect(record).toMatchObject({ outcome: 'denied', errorCode: 'token_malformed' });
    expect(record).not.toHaveProperty('clientId');
    await running.stop();
  });

  test.each([
    ['an unknown token', 'unknown-token-that-is-not-in-the-list'],
    ['an expired token', TOKENS.expired],
    ['the hash of a token', createHash('sha256').update(TOKENS.alice).digest('hex')],
    ['a token in other case', TOKENS.alice.toUpperCase()],
    ['a prefix of a token', TOKENS.alice.slice(0, -1)],
  ])('%s gets 401 invalid_token, and the response does not say why', async (_what, token) => {
    const response = await app.post(callOf('echo'), { authorization: `Bearer ${token}` });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer realm="mcp", error="invalid_token", error_description="The access token is not valid"',
    );
    expect(await response.text()).not.toMatch(/expired|unknown|carol/);
  });

  test('the audit record says why a token was refused, and never contains the token', async () => {
    const records = await app.audit();
    expect(
      records.find(({ reason }) => reason === 'token of carol expired 2020-01-01T00:00:00.000Z'),
    ).toMatchObject({
      outcome: 'denied',
      errorCode: 'token_invalid',
    });
    for (const token of Object.values(TOKENS)) expect(app.auditText()).not.toContain(token);
  });

  test('a token is accepted until its expiry, and refused from that millisecond on', async () => {
    const clock = { now: Date.parse('2026-06-30T11:59:59.999Z') };
    const tokens = [entry(TOKENS.alice, 'alice', ['echo'], '2026-06-30T12:00:00Z')];
    const running = await startApp({
      now: () => clock.now,
      tokenDocument: async () => JSON.stringify({ tokens }),
    });
    const status = async () => (await running.post(callOf('echo'))).status;
    expect(await status()).toBe(200);
    clock.now += 1;
    expect(await status()).toBe(401);
    await running.stop();
  });

  test('a token in the query does not count', async () => {
    const response = await fetch(`${app.url}?access_token=${TOKENS.alice}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(callOf('echo')),
    });
    expect(response.status).toBe(401);
  });

  test('the scheme is case-insensitive and each client has its own identity', async () => {
    for (const [name, token] of [
      ['alice', TOKENS.alice],
      ['bob', TOKENS.bob],
    ] as const) {
      const response = await app.post(callOf('echo'), { authorization: `bearer ${token}` });
      expect((await answerOf(response)).result.structuredContent['clientId']).toBe(name);
    }
  });

  test('a call without the tool’s scope gets 403 insufficient_scope with all required scopes', async () => {
    const response = await app.post(callOf('echo', { text: 'x' }, 7), {
      authorization: `Bearer ${TOKENS.noScope}`,
    });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer realm="mcp", error="insufficient_scope", scope="echo"',
    );
    expect((await answerOf(response)).id).toBe(7);
  });

  test('a scope grants only itself: none that looks broader or similar allows a call', async () => {
    const scopes = ['*', 'echo:*', 'echo:all', 'admin', 'Echo', 'ech', 'echoes', 'offline_access'];
    const token = 'broad-0123456789-abcdefghijklmnop';
    const document = JSON.stringify({ tokens: [entry(token, 'broad', scopes)] });
    const running = await startApp({ tokenDocument: async () => document });
    const response = await running.post(callOf('echo'), { authorization: `Bearer ${token}` });
    expect(response.status).toBe(403);
    expect(await running.audit()).toMatchObject([
      {
        requestId: response.headers.get('x-request-id'),
        outcome: 'denied',
        errorCode: 'insufficient_scope',
        reason: 'broad lacks echo for echo',
      },
    ]);
    await running.stop();
  });

  test('the body of an unauthenticated request is never parsed', async () => {
    const response = await app.post('{ not json', { authorization: undefined });
    expect(response.status).toBe(401);
  });
});

describe('the token list', () => {
  test('a rotated list is in force with the next request; both tokens of a client work during the grace period', async () => {
    let document = TOKEN_DOCUMENT;
    const rotating = await startApp({ tokenDocument: async () => document });
    const fresh = 'fresh-0123456789-abcdefghijklmnop';
    const as = async (token: string) =>
      (await rotating.post(callOf('echo'), { authorization: `Bearer ${token}` })).status;
    expect(await as(fresh)).toBe(401);
    document = JSON.stringify({
      tokens: [entry(TOKENS.alice, 'alice', ['echo']), entry(fresh, 'alice', ['echo'])],
    });
    expect([await as(fresh), await as(TOKENS.alice)]).toEqual([200, 200]);
    document = JSON.stringify({ tokens: [entry(fresh, 'alice', ['echo'])] });
    expect([await as(fresh), await as(TOKENS.alice)]).toEqual([200, 401]);
    await rotating.stop();
  });

  test('an invalid list is logged without its text and the last valid one stays in force', async () => {
    let document = TOKEN_DOCUMENT;
    const broken = await startApp({ tokenDocument: async () => document });
    expect((await broken.post(callOf('echo'))).status).toBe(200);
    document = '{"tokens":[{"sha256":"plaintext-token-pasted-by-mistake"}]}';
    expect((await broken.post(callOf('echo'))).status).toBe(200);
    expect(await broken.logText()).toContain('"event":"token_list_invalid"');
    expect(await broken.logText()).not.toContain('pasted-by-mistake');
    await broken.stop();
  });

  test('without any usable list the response is 503, not 401, because the server is at fault', async () => {
    const empty = await startApp({ tokenDocument: async () => 'not json' });
    expect((await empty.post(callOf('echo'))).status).toBe(503);
    await empty.stop();
  });

  test('an empty list is healthy and refuses every client', async () => {
    const fresh = await startApp({ tokenDocument: async () => '{"tokens":[]}' });
    expect((await fresh.post(callOf('echo'))).status).toBe(401);
    expect((await fetch(new URL('/healthz', fresh.url))).status).toBe(200);
    await fresh.stop();
  });
});
