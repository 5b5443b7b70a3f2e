import { request } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { ownTrace, parseTraceparent, traceOfCall } from '../../service/trace.ts';
import { callOf, modern, startApp } from './support/start-app.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const HEADER = `00-${TRACE}-00f067aa0ba902b7-01`;
const OTHER = 'a'.repeat(32);

describe('traceparent', () => {
  test.each<[text: string, sampled: boolean]>([
    [HEADER, true],
    [`00-${TRACE}-00f067aa0ba902b7-00`, false],
    [`00-${TRACE}-00f067aa0ba902b7-03`, true],
    [`cc-${TRACE}-00f067aa0ba902b7-01`, true],
    [`cc-${TRACE}-00f067aa0ba902b7-01-later`, true],
  ])('%s is read', (text, sampled) => {
    expect(parseTraceparent(text)).toEqual({ traceId: TRACE, sampled });
  });

  test.each<unknown>([
    undefined,
    '',
    1,
    [HEADER],
    `ff-${TRACE}-00f067aa0ba902b7-01`,
    `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-00f067aa0ba902b7-1`,
    `00-${TRACE}-00f067aa0ba902b7-01-later`,
    `00-${TRACE}-00f067aa0ba902b7-01 `,
    `${HEADER}, ${HEADER}`,
    `cc-${TRACE}-00f067aa0ba902b7-01later`,
    `cc-${TRACE}-00f067aa0ba902b7-01-${'x'.repeat(401)}`,
  ])('%j is not', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });

  test('a trace of our own and what calls pass on are well formed', () => {
    const requestId = 'b1f1c0de-1111-4222-8333-444455556666';
    const own = ownTrace(requestId);
    expect(traceOfCall(undefined, requestId)).toEqual(traceOfCall(own, requestId));
    expect(parseTraceparent(traceOfCall(own, requestId).traceparent)).toEqual(own);
    const given = { traceId: TRACE, sampled: true };
    expect(traceOfCall(given, requestId)).toEqual({
      traceId: TRACE,
      traceparent: `00-${TRACE}-8333444455556666-01`,
    });
  });
});

describe('the trace of a request', () => {
  const legacy = (meta?: object) => {
    const { params, ...rest } = callOf('echo') as { params: object };
    return { body: { ...rest, params: meta ? { ...params, _meta: meta } : params }, headers: {} };
  };
  const current = (meta?: object) => {
    const { body, headers } = modern('tools/call', { name: 'echo', arguments: { text: 'hi' } });
    const { params } = body;
    return { body: { ...body, params: { ...params, _meta: { ...params._meta, ...meta } } }, headers };
  };

  test.each([
    ['2025-11-25', legacy],
    ['2026-07-28', current],
  ])(
    '%s: is in the audit record and at the start of the call, from _meta, the header or new',
    async (_era, message) => {
      const app = await startApp();
      const send = async (meta?: object, header?: string) => {
        const { body, headers } = message(meta);
        const response = await app.post(body, { ...headers, traceparent: header });
        expect(response.status).toBe(200);
        return response.headers.get('x-request-id') ?? '';
      };
      const ids = [
        await send(),
        await send(undefined, HEADER),
        await send({ traceparent: `00-${OTHER}-00f067aa0ba902b7-01`, tracestate: 'a=b' }, HEADER),
        await send({ traceparent: 'nothing' }, HEADER),
        await send(undefined, 'nothing'),
      ];
      const own = (index: number) => ids[index]?.replaceAll('-', '');
      const expected = [own(0), TRACE, OTHER, TRACE, own(4)];
      expect((await app.audit(5)).map(({ traceId }) => traceId)).toEqual(expected);
      const started = (await app.logText()).split('\n').filter((line) => line.includes('call_started'));
      expect(started.map((line) => JSON.parse(line).traceId)).toEqual(expected);
      await app.stop();
    },
  );

  test('a header that comes twice is not read', async () => {
    const app = await startApp();
    await app.post(callOf('echo'), { traceparent: `${HEADER}, ${HEADER}` });
    const headers = { 'content-type': 'application/json', traceparent: [HEADER, HEADER] };
    await new Promise((resolve) => request(app.url, { method: 'POST', headers }, resolve).end('{}'));
    const ids = (await app.audit(2)).map(({ traceId }) => traceId);
    expect(ids).toHaveLength(2);
    expect(ids).not.toContain(TRACE);
    await app.stop();
  });

  test('a page of an allowed origin may send it', async () => {
    const app = await startApp();
    const response = await fetch(app.url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'traceparent',
      },
    });
    expect(response.headers.get('access-control-allow-headers')?.split(', ')).toContain('traceparent');
    await app.stop();
  });
});
