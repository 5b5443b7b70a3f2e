import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ERRORS } from '../../../service/errors.ts';
import { sendRaw } from '../support/send-raw.ts';
import { answerOf, callOf, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const raw = (text: string) => sendRaw(app.url, text);

const head = (lines: string[]) =>
  `${['POST /mcp HTTP/1.1', ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`;

describe('transport checks', () => {
  test.each([
    'evil.example',
    '127.0.0.1.evil.example',
    'evil.example:80',
    'user@127.0.0.1',
    '',
    '127.0.0.1:1:2',
  ])('a request for Host %j is refused with 403 before authentication', async (host) => {
    const answer = await raw(head([`Host: ${host}`, 'Content-Length: 0']));
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain('"code":-32600');
    expect(answer).not.toContain('WWW-Authenticate');
  });

  test.each(['127.0.0.1', '127.0.0.1:9999', 'LOCALHOST'])('a request for Host %j passes', async (host) => {
    expect(await raw(head([`Host: ${host}`, 'Content-Type: application/json', 'Content-Length: 0']))).toMatch(
      /^HTTP\/1\.1 401 /,
    );
  });

  test.each([
    'https://evil.example',
    'null',
    'http://app.example.com',
    'https://app.example.com.evil.example',
  ])('a page of origin %j is refused with 403', async (origin) => {
    const response = await app.post(callOf('echo'), { origin });
    expect(response.status).toBe(403);
    expect(await answerOf(response)).toEqual({
      jsonrpc: '2.0',
      error: { code: -32600, message: ERRORS.origin_not_allowed.message },
      id: null,
    });
  });

  test('an allowed origin passes, and so does a client that is not a browser', async () => {
    expect((await app.post(callOf('echo'), { origin: 'https://app.example.com' })).status).toBe(200);
    expect((await app.post(callOf('echo'))).status).toBe(200);
  });

  test.each(['GET', 'DELETE', 'PUT', 'OPTIONS', 'PATCH', 'HEAD'])(
    '%s with a good token gets 405 and Allow: POST',
    async (method) => {
      const response = await fetch(app.url, { method, headers: { authorization: `Bearer ${TOKENS.alice}` } });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
    },
  );

  test.each(['PUT', 'OPTIONS', 'PATCH'])(
    '%s gets 405 with any token, because no revision has it',
    async (method) => {
      const response = await fetch(app.url, { method, headers: { authorization: 'Bearer wrong' } });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
      expect(response.headers.get('www-authenticate')).toBeNull();
    },
  );

  describe.each(['GET', 'DELETE', 'HEAD'])(
    '%s, which earlier revisions use for streams and sessions,',
    (method) => {
      const send = (headers: Record<string, string> = {}) => fetch(app.url, { method, headers });

      test('gets 401 with the challenge for a wrong token, as POST does', async () => {
        const response = await send({ authorization: 'Bearer wrong', accept: 'text/event-stream' });
        expect(response.status).toBe(401);
        expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
        const body = await response.text();
        if (method === 'HEAD') expect(body).toBe('');
        else expect(JSON.parse(body).error.message).toBe(ERRORS.token_invalid.message);
      });

      test('gets 401 without an error code without a token', async () => {
        const response = await send();
        expect([response.status, response.headers.get('www-authenticate')]).toEqual([
          401,
          'Bearer realm="mcp"',
        ]);
      });

      test('is refused for its Host and Origin before its token is verified', async () => {
        const headers = { authorization: 'Bearer wrong', origin: 'https://evil.example' };
        expect((await send(headers)).status).toBe(403);
        const lines = [`${method} /mcp HTTP/1.1`, 'Host: evil.example', 'Connection: close', '', ''];
        expect(await raw(lines.join('\r\n'))).toMatch(/^HTTP\/1\.1 403 /);
      });

      test('counts among the refused tokens of its address', async () => {
        const limited = await startApp({ authFailureLimitPerMinute: 1 });
        const wrong = () => fetch(limited.url, { method, headers: { authorization: 'Bearer wrong' } });
        expect([(await wrong()).status, (await wrong()).status]).toEqual([401, 429]);
        expect((await limited.audit(2)).map(({ errorCode }) => errorCode)).toEqual([
          'token_invalid',
          'address_rate_limited',
        ]);
        await limited.stop();
      });

      test('counts against the limit of its client', async () => {
        const limited = await startApp({ clientLimitPerMinute: 2 });
        const headers = { authorization: `Bearer ${TOKENS.alice}` };
        const answers = [1, 2, 3].map(() => fetch(limited.url, { method, headers }));
        expect((await Promise.all(answers)).map(({ status }) => status).sort()).toEqual([405, 405, 429]);
        expect((await limited.post(callOf('echo'))).status).toBe(429);
        await limited.stop();
      });
    },
  );

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
    'application/json; charset=utf-8; charset=iso-8859-1',
    'application/jsonp',
  ])('a body of type %j gets 415', async (type) => {
    expect((await app.post(callOf('echo'), { 'content-type': type })).status).toBe(415);
  });

  test('application/json with charset utf-8 passes', async () => {
    const response = await app.post(callOf('echo'), { 'content-type': 'application/json; charset=utf-8' });
    expect(response.status).toBe(200);
  });

  test('a compressed body gets 415: nothing is decompressed', async () => {
    expect((await app.post(callOf('echo'), { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  test('a body announced larger than the bound gets 413 without being read', async () => {
    const answer = await raw(
      head(['Host: 127.0.0.1', 'Content-Type: application/json', 'Content-Length: 99999999']),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test.each([
    ['Host', ['Host: evil.example']],
    ['Origin', ['Host: 127.0.0.1', 'Origin: https://evil.example']],
    ['Origin: null', ['Host: 127.0.0.1', 'Origin: null']],
    ['token', ['Host: 127.0.0.1', 'Content-Type: application/json']],
  ])('the server does not wait for the body of a request with a foreign %s', async (_what, lines) => {
    const answer = await raw(head([...lines, 'Content-Length: 9']));
    expect(answer).toMatch(/^HTTP\/1\.1 40[13] /);
  });

  test('a chunked body that grows larger than the bound gets 413', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 8; i++) controller.enqueue(new TextEncoder().encode(' '.repeat(1024)));
        controller.close();
      },
    });
    const response = await fetch(app.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer alice-0123456789-abcdefghijklmnop',
      },
      body,
      duplex: 'half',
    });
    expect(response.status).toBe(413);
  });

  test.each(['{', '{"a":1}}', 'hello', '"', '{"__proto__":'])(
    'the text %j gets 400 parse error without a stack',
    async (text) => {
      const response = await app.post(text);
      expect(response.status).toBe(400);
      const body = await response.text();
      expect(JSON.parse(body).error.code).toBe(-32700);
      expect(body).not.toMatch(/at |node_modules|SyntaxError/);
    },
  );

  test.each([
    ['a byte that begins no character', [0xff]],
    ['half a character', [0xc3]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
  ])('a text that is not UTF-8 (%s) gets 400 parse error: it is not repaired', async (_what, bytes) => {
    const [before = '', after = ''] = JSON.stringify(callOf('echo', { text: '|' })).split('|');
    const response = await fetch(app.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: 'Bearer alice-0123456789-abcdefghijklmnop',
      },
      body: Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]),
    });
    expect(response.status).toBe(400);
    expect((await answerOf(response)).error.code).toBe(-32700);
  });

  test('a JSON-RPC batch gets 400: one request, one record, one call in the limits', async () => {
    const response = await app.post([callOf('echo', { text: 'a' }, 1), callOf('echo', { text: 'b' }, 2)]);
    expect(response.status).toBe(400);
    expect((await answerOf(response)).error.code).toBe(-32600);
  });
});

describe('responses', () => {
  test('have a request id of the server’s own, no cache permission and no trace of the framework', async () => {
    const { headers } = await app.post(callOf('echo'), { 'x-request-id': 'mine' });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
    expect(headers.get('mcp-session-id')).toBeNull();
  });

  test.each([
    ...['/', '/mcp/', '/MCP', '/mcp/x', '//mcp', '/%6dcp', '/admin', '/.env', '/healthz/', '/package.json'],
    ...['/%2e%2e/package.json', '/..%2fpackage.json', '/mcp/..%2f..%2fpackage.json'],
    // HTTP+SSE of 2024-11-05, and an authorization server: this server is neither.
    ...['/sse', '/messages', '/authorize', '/token', '/register', '/.well-known/oauth-authorization-server'],
  ])('%s does not exist, with or without a token', async (path) => {
    for (const method of ['GET', 'POST']) {
      for (const headers of [[], ['Authorization: Bearer alice-0123456789-abcdefghijklmnop']]) {
        const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', ...headers, 'Connection: close'];
        const answer = await raw(`${lines.join('\r\n')}\r\n\r\n`);
        expect(answer).toMatch(/^HTTP\/1\.1 404 /);
        const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
        expect(body).toEqual({ error: 'not_found', error_description: expect.stringMatching(/get a token/) });
      }
    }
  });

  test.each(['127.0.0.1', 'evil.example'])('no client gets a WebSocket (Host: %s)', async (host) => {
    const handshake = [
      ...['GET /mcp HTTP/1.1', `Host: ${host}`, 'Connection: Upgrade', 'Upgrade: websocket'],
      ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
    ].join('\r\n');
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1', () => socket.write(handshake));
    const answer = await new Promise((resolve) => socket.once('data', (data) => resolve(String(data))));
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 40[13] /);
  });

  test('the health check needs neither a token nor a known Host', async () => {
    const answer = await raw('GET /healthz HTTP/1.1\r\nHost: 10.0.1.7:8443\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});
