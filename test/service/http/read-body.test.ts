import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ERRORS } from '../../../service/errors.ts';
import { callOf, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp({ transport: { maxBodyBytes: 256 * 1024 } });
});
afterAll(() => app.stop());

/** Sends a body in chunks of one byte. @returns status and body of the response */
async function inSingleBytes(body: string, trailers = ''): Promise<[status: number, body: string]> {
  const head = [
    'POST /mcp HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    `Authorization: Bearer ${TOKENS.alice}`,
    'Transfer-Encoding: chunked',
    'Connection: close',
  ].join('\r\n');
  const chunks = [...body].map((each) => `1\r\n${each}\r\n`).join('');
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  socket.on('error', () => {}).write(`${head}\r\n\r\n${chunks}0\r\n${trailers}\r\n`);
  await once(socket, 'close');
  return [Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text.slice(text.indexOf('\r\n\r\n'))];
}

const echo = (text: string) => JSON.stringify(callOf('echo', { text }));
const padded = (length: number) => echo('x').padEnd(length, ' ');
const tooLarge = (detail: string) => `${ERRORS.body_too_large.message}: ${detail}`;

describe('a body in chunks of one byte', () => {
  test('is read up to 4,096 chunks, trailers ignored', async () => {
    const [status, text] = await inSingleBytes(padded(4096), 'authorization: Bearer other\r\n');
    expect([status, JSON.parse(text).result.isError]).toEqual([200, undefined]);
  });

  test('is refused beyond that, with one record', async () => {
    const before = (await app.audit(0)).length;
    const [status, text] = await inSingleBytes(padded(10_000));
    expect([status, JSON.parse(text).error.message]).toEqual([413, tooLarge('in fewer, larger pieces')]);
    const records = (await app.audit(before + 1)).slice(before);
    expect(records).toMatchObject([{ errorCode: 'body_too_large', reason: 'TOO_MANY_PIECES' }]);
  });
});

describe('a message', () => {
  const say = async (body: string) => {
    const response = await app.post(body);
    return [response.status, ((await response.json()) as { error?: { message: string } }).error?.message];
  };
  const call = (input: string) => JSON.stringify(callOf('echo', 'INPUT')).replace('"INPUT"', input);
  const members = (count: number) =>
    `{${Array.from({ length: count }, (_, i) => `"member-${i}":1`).join(',')}}`;
  const REFUSED = [413, tooLarge('at most 10000 members and items')];

  test.each([
    ['9,900 members', call(members(9_900))],
    [
      '9,900 empty objects and much text',
      call(`{"text":"${'x'.repeat(100_000)}","more":[${'{},'.repeat(9_900)}{}]}`),
    ],
    ['9,900 items', call(`{"text":"x","more":[${'1,'.repeat(9_900)}1]}`)],
    ['100,000 commas and brackets in a string', call(JSON.stringify({ text: ',[{'.repeat(33_000) }))],
    ['100,000 commas behind an escaped quote', call(JSON.stringify({ text: `\\"${',"'.repeat(30_000)}` }))],
  ])('of %s is accepted', async (_what, body) => {
    expect((await say(body))[0]).toBe(200);
  });

  test.each([
    ['10,100 members', call(members(10_100))],
    ['100,000 items', call(`{"more":[${'1,'.repeat(100_000)}1]}`)],
    ['80,000 empty objects', call(`{"more":[${'{},'.repeat(80_000)}{}]}`)],
    [
      '100,000 items behind a string that ends in a backslash',
      call(`{"a":"\\\\","more":[${'1,'.repeat(100_000)}1]}`),
    ],
  ])('of %s is refused before it is parsed', async (_what, body) => {
    expect(await say(body)).toEqual(REFUSED);
  });

  test.each([64, 65, 20_000])('of %i levels is refused beyond 64, long or short', async (levels) => {
    const lists = (padding: number) =>
      `{"a":"${'x'.repeat(padding)}","b":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    const said = levels > 64 ? ERRORS.body_too_deep.message : expect.stringMatching(/JSON-RPC/);
    for (const padding of [1, 30_000]) expect(await say(lists(padding))).toEqual([400, said]);
  });

  test('with a byte order mark is read', async () => {
    expect(await say(`\ufeff${echo('x')}`)).toEqual([200, undefined]);
  });
});
