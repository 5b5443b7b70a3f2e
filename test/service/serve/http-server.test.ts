import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';

let app: RunningApp;
beforeEach(async () => {
  app = await startApp({ trustedHops: 1 });
});
afterEach(() => app.stop());

const BODY = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
/** Seven fields, the last of which is the client's own claim of an address. */
const HEAD = [
  'POST /mcp HTTP/1.1',
  'Host: localhost',
  'Content-Type: application/json',
  'Accept: application/json, text/event-stream',
  `Content-Length: ${BODY.length}`,
  'Connection: close',
  `Authorization: Bearer ${TOKENS.alice}`,
  'X-Forwarded-For: 9.9.9.9',
  '',
].join('\r\n');

/** Sends parts of a request one after the other. @returns the status of the last response */
async function send(...parts: readonly string[]): Promise<number> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (piece) => {
    text += piece;
  });
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  for (const part of parts) {
    socket.write(part);
    await sleep(5);
  }
  await closed;
  return Number(/^HTTP\/1\.1 (?:100 Continue\r\n\r\nHTTP\/1\.1 )?(\d+)/.exec(text)?.[1]);
}

const fields = (count: number) => 'a:\r\n'.repeat(count);
const proxy = 'X-Forwarded-For: 203.0.113.77\r\n\r\n';

describe('a request', () => {
  test('with 128 header fields is served, and its last field counts', async () => {
    expect(await send(HEAD + fields(120) + proxy + BODY)).toBe(200);
    expect(await app.audit()).toMatchObject([{ sourceIp: '203.0.113.77' }]);
  });

  test.each([121, 122, 500, 990, 1000, 1024, 2000, 3900])(
    'with %i fields between seven and the last gets 431 and no record, because Node may drop the last',
    async (count) => {
      expect(await send(HEAD + fields(count) + proxy + BODY)).toBe(431);
      expect(await app.audit(0)).toEqual([]);
    },
  );

  test.each([
    ['that comes in two parts', [HEAD + fields(100), fields(100) + proxy + BODY]],
    ['that comes in many parts', [HEAD, ...Array.from({ length: 30 }, () => fields(10)), proxy + BODY]],
    ['that expects 100-continue', [`${HEAD}Expect: 100-continue\r\n${fields(200)}${proxy}`]],
    ['that expects something else', [`${HEAD}Expect: x\r\n${fields(200)}${proxy}${BODY}`]],
    [
      'that would switch protocols',
      [`${HEAD.replace('close', 'upgrade')}Upgrade: x\r\n${fields(200)}${proxy}${BODY}`],
    ],
    ['for another path', [HEAD.replace('/mcp', '/healthz') + fields(200) + proxy + BODY]],
  ])('%s, with too many fields, gets 431 and no record', async (_what, parts) => {
    expect(await send(...parts)).toBe(431);
    expect(await app.audit(0)).toEqual([]);
  });
});
