import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ALICE,
  createPlace,
  type Place,
  type Service,
  startService,
  startTap,
  type Tap,
} from '../server/support/harness.ts';
import { type Behind, startOfficial } from '../service/upstream/servers.ts';
import { connectV1, connectV2, PINNED } from '../support/sdk-clients.ts';

const PARENT = '00f067aa0ba902b7';

let behind: Behind;
let tap: Tap;
let place: Place;
let service: Service;
beforeAll(async () => {
  behind = await startOfficial();
  tap = await startTap(Number(behind.url.port));
  place = createPlace();
  expect((await place.pin(tap.url)).text).toContain('2 tools, 0 resources, 0 prompts');
  service = await startService(place, tap.url);
}, 60_000);
afterAll(async () => {
  await service?.stop();
  tap?.stop();
  behind?.stop();
  place?.remove();
});

type Call = { name: string; arguments: object; _meta?: { traceparent: string } };
const CLIENTS = [
  [
    'the v1 SDK (2025-11-25)',
    (fetch?: typeof globalThis.fetch) => connectV1(service.url, ALICE, fetch as never),
  ],
  [
    'the v2 SDK (2026-07-28)',
    (fetch?: typeof globalThis.fetch) => connectV2(service.url, ALICE, PINNED, fetch as never),
  ],
] as const;

/** A `fetch` as instrumentation makes it. */
const tracing =
  (traceparent: string): typeof globalThis.fetch =>
  (url, init) => {
    const headers = new Headers(init?.headers);
    headers.set('traceparent', traceparent);
    return fetch(url, { ...init, headers });
  };

describe.each(CLIENTS)('the trace of a call by a client of %s', (_name, connect) => {
  test.each(['the header', '_meta'])(
    'in %s is in the audit record, in a log line and in the request that the own server got',
    async (place) => {
      const traceId = crypto.randomUUID().replaceAll('-', '');
      const traceparent = `00-${traceId}-${PARENT}-01`;
      tap.forget();
      const client = await connect(place === '_meta' ? undefined : tracing(traceparent));
      const call: Call = {
        name: 'echo',
        arguments: { text: 'hi' },
        ...(place === '_meta' && { _meta: { traceparent } }),
      };
      const result = await (client.callTool as (call: Call) => Promise<{ content: unknown }>)(call);
      expect(result.content).toEqual([{ type: 'text', text: 'hi' }]);
      await client.close();

      const record = await service.record({ method: 'tools/call', traceId });
      expect(record).toMatchObject({ clientId: 'alice', tool: 'echo', outcome: 'ok' });
      const line = service
        .output()
        .split('\n')
        .find((one) => one.includes('"call_started"') && one.includes(traceId));
      expect(JSON.parse(line ?? '{}')).toMatchObject({
        requestId: record['requestId'],
        traceId,
        tool: 'echo',
      });
      const got = behind.seen.filter(({ message }) => message.method === 'tools/call').at(-1)?.message
        .params?._meta;
      expect(got?.['traceparent']).toMatch(new RegExp(`^00-${traceId}-(?!${PARENT})[\\da-f]{16}-01$`));
      expect(tap.bytes()).toContain(`"traceparent":"${got?.['traceparent']}"`);
      expect(tap.bytes()).not.toContain(ALICE);
    },
  );
});
