import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AUDIT_KEY, callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

/** Index of the first line that does not fit its predecessor, or undefined. */
function brokenAt(lines: string[], key = AUDIT_KEY): number | undefined {
  let prev = '0'.repeat(64);
  for (const [index, line] of lines.entries()) {
    const signed = line.replace(/,"hash":"[0-9a-f]{64}"\}$/, '}');
    const { hash, prev: claimed } = JSON.parse(line);
    if (claimed !== prev || createHmac('sha256', key).update(signed).digest('hex') !== hash) return index;
    prev = hash;
  }
  return undefined;
}

describe('the audit log', () => {
  test('has exactly one record for every request that reached /mcp, refusals included', async () => {
    const expected = [
      [await app.post(callOf('echo')), 200, 'ok', undefined],
      [await app.post(callOf('refuses')), 200, 'denied', 'url_refused'],
      [await app.post(callOf('echo', {})), 200, 'invalid', 'input_invalid'],
      [await app.post(callOf('nope')), 200, 'invalid', 'tool_unknown'],
      [await app.post(callOf('fails')), 200, 'error', 'tool_failed'],
      [await app.post(callOf('hangs')), 200, 'timeout', 'deadline_exceeded'],
      [await app.post('{'), 400, 'invalid', 'parse_error'],
      [await app.post([]), 400, 'invalid', 'batch_not_supported'],
      [await app.post(callOf('echo'), { authorization: undefined }), 401, 'invalid', 'token_missing'],
      [await app.post(callOf('echo'), { authorization: 'Bearer wrong' }), 401, 'denied', 'token_invalid'],
      [
        await app.post(callOf('echo'), { authorization: `Bearer ${TOKENS.noScope}` }),
        403,
        'denied',
        'insufficient_scope',
      ],
      [await app.post(callOf('echo'), { origin: 'null' }), 403, 'denied', 'origin_not_allowed'],
      [
        await app.post(callOf('echo'), { 'content-type': 'text/plain' }),
        415,
        'invalid',
        'unsupported_media_type',
      ],
      [await app.post(' '.repeat(5000)), 413, 'invalid', 'body_too_large'],
      [await fetch(app.url), 401, 'invalid', 'token_missing'],
      [
        await fetch(app.url, { headers: { authorization: `Bearer ${TOKENS.alice}` } }),
        405,
        'invalid',
        'method_not_allowed',
      ],
      [await fetch(app.url, { method: 'PUT' }), 405, 'invalid', 'method_not_allowed'],
      [await app.post({ jsonrpc: '2.0', id: 1, method: 'nope' }), 200, 'invalid', 'method_unknown'],
      [await app.post({ jsonrpc: '2.0', method: 'notifications/initialized' }), 202, 'ok', undefined],
      [
        await app.post(modern('server/discover').body, modern('server/discover').headers),
        200,
        'ok',
        undefined,
      ],
      [await app.post(modern('tools/list').body, {}), 400, 'invalid', 'header_mismatch'],
    ] as const;
    const records = await app.audit(expected.length);
    expect(records).toHaveLength(expected.length);
    for (const [index, [response, status, outcome, errorCode]] of expected.entries()) {
      const record = records[index];
      expect([response.status, record?.outcome, record?.['errorCode']]).toEqual([status, outcome, errorCode]);
      expect(record?.['requestId']).toBe(response.headers.get('x-request-id'));
      expect(record?.['seq']).toBe(index + 1);
    }
  });

  test('a record states client, address, request, outcome, duration and size of the response', async () => {
    const { body, headers } = modern('tools/call', { name: 'echo', arguments: { text: 'héllo' } });
    const response = await app.post(body, headers);
    const length = (await response.arrayBuffer()).byteLength;
    const record = (await app.audit(22)).at(-1);
    expect(record).toEqual({
      type: 'audit',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      seq: 22,
      requestId: response.headers.get('x-request-id'),
      traceId: response.headers.get('x-request-id')?.replaceAll('-', ''),
      clientId: 'alice',
      sourceIp: '127.0.0.1',
      protocolVersion: '2026-07-28',
      method: 'tools/call',
      tool: 'echo',
      arguments: { text: 'héllo' },
      outcome: 'ok',
      durationMs: expect.any(Number),
      resultBytes: length,
      prev: expect.stringMatching(/^[0-9a-f]{64}$/),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('a text that looks like a credential is not recorded from arguments, even in a refused call', async () => {
    await app.post(callOf('echo', { text: 'x', api_key: 'hunter2-hunter2' }));
    await app.post(
      callOf('nope', { deep: [{ Authorization: 'hunter2-hunter2' }], text: 'Bearer hunter2-hunter2' }),
    );
    await app.audit(24);
    expect(app.auditText()).not.toContain('hunter2-hunter2');
    expect(app.auditText()).toContain('[REDACTED]');
  });

  test('a record stays small, however large the arguments are', async () => {
    await app.post(
      callOf('nope', Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, 'x'.repeat(30)]))),
    );
    const line = app.auditText().split('\n').filter(Boolean).at(-1) ?? '';
    expect((await app.audit(25)).at(-1)?.['arguments']).toBeDefined();
    expect(line.length).toBeLessThan(8192);
  });

  test('a changed, removed or inserted line breaks the chain, and so does another key', async () => {
    await app.audit(25);
    const lines = app.auditText().split('\n').filter(Boolean);
    expect(brokenAt(lines)).toBeUndefined();
    expect(brokenAt(lines.map((line, i) => (i === 4 ? line.replace('"error"', '"ok"') : line)))).toBe(4);
    expect(brokenAt(lines.filter((_, i) => i !== 4))).toBe(4);
    expect(brokenAt([...lines.slice(0, 4), lines[3] as string, ...lines.slice(4)])).toBe(4);
    expect(brokenAt(lines, 'x'.repeat(32))).toBe(0);
  });

  test('a client cannot put line breaks or fields into a record', async () => {
    const before = (await app.audit()).length;
    await app.post({ jsonrpc: '2.0', id: 1, method: 'x","outcome":"ok\n{"type":"audit"}' });
    const records = await app.audit(before + 1);
    expect(records).toHaveLength(before + 1);
    expect(records.at(-1)).toMatchObject({
      outcome: 'invalid',
      method: 'x","outcome":"ok\n{"type":"audit"}',
    });
  });
});

describe('a credential in the wrong place', () => {
  const SECRET = 'hunter2-hunter2-hunter2-hunter2';
  /** Not in a form that the log group masks, so that only the redaction of the field finds it. */
  const TEXT = `https://user:${SECRET}@example.com/`;
  const message = (method: string, params: object) => ({ jsonrpc: '2.0', id: 1, method, params });

  test.each<[place: string, body: object, headers: Record<string, string>]>([
    ['method', message(TEXT, {}), {}],
    ['tool', message('tools/call', { name: TEXT, arguments: {} }), {}],
    ['prompt', message('prompts/get', { name: TEXT }), {}],
    ['resource', message('resources/read', { uri: TEXT }), {}],
    ['protocolVersion', callOf('echo'), { 'mcp-protocol-version': TEXT }],
    ['reason', callOf('echo'), { origin: TEXT }],
  ])('such as the %s is not recorded', async (place, body, headers) => {
    const other = await startApp();
    await other.post(body, headers);
    const [record] = await other.audit(1);
    expect(record?.[place]).toContain('[REDACTED]');
    expect(`${other.auditText()}${await other.logText()}`).not.toContain(SECRET);
    await other.stop();
  });

  test.each([
    ['method', message('m'.repeat(5000), {})],
    ['tool', message('tools/call', { name: 't'.repeat(5000) })],
    ['prompt', message('prompts/get', { name: 'p'.repeat(5000) })],
  ])('or a very long %s leaves 128 characters', async (place, body) => {
    const other = await startApp({ transport: { maxBodyBytes: 65_536 } });
    await other.post(body);
    expect(String((await other.audit(1))[0]?.[place])).toHaveLength(128);
    await other.stop();
  });
});
