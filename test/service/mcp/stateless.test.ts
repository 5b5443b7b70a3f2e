import { Agent, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';

/** Each request is independent: no earlier request, connection or claim of the client counts. */

let app: RunningApp;
let agent: Agent;
beforeEach(async () => {
  app = await startApp();
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
});
afterEach(async () => {
  agent.destroy();
  await app.stop();
});

interface Sent {
  readonly body: object;
  readonly headers?: Record<string, string>;
  /** @default - none */
  readonly token?: string;
}

/** Sends one request on the one connection. */
function send({ body, headers, token }: Sent) {
  return new Promise<{ status: number; reused: boolean; text: string }>((resolve, reject) => {
    const message = request(app.url, {
      agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(JSON.stringify(body)),
        accept: 'application/json, text/event-stream',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
    });
    message.on('error', reject).on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (data) => {
        text += data;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, reused: message.reusedSocket, text }),
      );
    });
    message.end(JSON.stringify(body));
  });
}

const initialize = (protocolVersion: string, capabilities: object = {}) => ({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion, capabilities, clientInfo: { name: 'test', version: '1' } },
});

describe('on one connection', () => {
  test('every request needs its own token, and has its own client', async () => {
    expect(await send({ body: callOf('echo'), token: TOKENS.alice })).toMatchObject({
      status: 200,
      text: expect.stringContaining('"clientId":"alice"'),
    });
    expect(await send({ body: callOf('echo') })).toMatchObject({ status: 401, reused: true });
    expect(await send({ body: callOf('echo'), token: TOKENS.bob })).toMatchObject({
      status: 200,
      reused: true,
      text: expect.stringContaining('"clientId":"bob"'),
    });
    expect(await send({ body: callOf('echo'), token: TOKENS.noScope })).toMatchObject({
      status: 403,
      reused: true,
    });
  });

  test('no handshake is needed, and none is remembered: revision, capabilities, client', async () => {
    const list = modern('tools/list');
    const unversioned = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const old = { body: unversioned, token: TOKENS.alice, headers: { 'mcp-protocol-version': '2024-11-05' } };
    const lists = [];
    for (const sent of [
      { body: unversioned, token: TOKENS.alice },
      { body: initialize('2025-06-18', { sampling: {} }), token: TOKENS.alice },
      { ...list, token: TOKENS.alice },
      old,
      { body: initialize('2024-11-05'), token: TOKENS.bob },
      { ...list, token: TOKENS.bob },
    ]) {
      const { status, text } = await send(sent);
      expect(status).toBe(200);
      const { tools } = JSON.parse(text).result as { tools?: { name: string }[] };
      if (tools !== undefined) lists.push(tools.map(({ name }) => name));
    }
    expect(lists).toHaveLength(4);
    expect(new Set(lists.map(String)).size).toBe(1);
  });

  test('a list depends on the token alone', async () => {
    const names = async (token: string) => {
      const { text } = await send({ body: { jsonrpc: '2.0', id: 1, method: 'tools/list' }, token });
      return (JSON.parse(text).result.tools as { name: string }[]).length;
    };
    expect([
      await names(TOKENS.noScope),
      await names(TOKENS.alice),
      await names(TOKENS.noScope),
      await names(TOKENS.bob),
    ]).toEqual([0, 7, 0, 7]);
  });
});

describe('a client’s claims about itself', () => {
  test('decide nothing: its name does not authenticate, allow, limit or record it', async () => {
    const posing = modern('tools/call', { name: 'limited', arguments: { text: 'x' } });
    const key = 'io.modelcontextprotocol/clientInfo';
    const as = (name: string, token: string) => {
      const _meta = { ...posing.body.params._meta, [key]: { name, version: '1' } };
      return send({
        headers: { ...posing.headers, 'user-agent': name, 'x-client-id': name },
        body: { ...posing.body, params: { ...posing.body.params, _meta } },
        token,
      });
    };
    expect((await as('alice', TOKENS.noScope)).status).toBe(403);
    for (const name of ['alice', 'bob']) {
      expect(await as(name, TOKENS.bob)).toMatchObject({
        status: 200,
        text: expect.stringContaining('"clientId":"bob"'),
      });
    }
    expect((await as('another-name', TOKENS.bob)).status).toBe(429);
    expect((await as('bob', TOKENS.alice)).status).toBe(200);
    expect((await app.audit(5)).map(({ clientId }) => clientId)).toEqual([
      ...['noscope', 'bob', 'bob', 'bob', 'alice'],
    ]);
    expect(app.auditText()).not.toContain('another-name');
  });
});

describe('the id of a request gives no access to it', () => {
  test.each([
    ['another client', TOKENS.bob],
    ['the same client on another connection', TOKENS.alice],
  ])('%s cannot cancel it', async (_who, token) => {
    const call = send({ body: callOf('waits', { text: '400' }, 'guessed'), token: TOKENS.alice });
    const params = { requestId: 'guessed', reason: 'not mine' };
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const sent of [
      { body: { jsonrpc: '2.0', method: 'notifications/cancelled', params }, headers: {} },
      modern('notifications/cancelled', params),
    ]) {
      const { id: _id, ...body } = sent.body as { id?: unknown };
      const response = await app.post(body, { ...sent.headers, authorization: `Bearer ${token}` });
      expect(response.status).toBe(202);
    }
    expect(await call).toMatchObject({ status: 200, text: expect.stringContaining('"text":"400"') });
  });

  test('a lost response cannot be fetched: no stream is resumed by a last event id', async () => {
    const headers = { accept: 'text/event-stream', 'last-event-id': '1', 'mcp-session-id': 's' };
    const authorization = `Bearer ${TOKENS.bob}`;
    expect((await fetch(app.url, { headers: { ...headers, authorization } })).status).toBe(405);
  });
});
