import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { canonicalAddress, forwardedAddress } from '../../service/source-address.ts';
import { callOf, type RunningApp, startApp } from './support/start-app.ts';
import { TOKENS } from './support/tokens.ts';

const CLIENT = '198.51.100.7';

describe('the address that trusted proxies saw', () => {
  test.each([
    [1, [CLIENT], CLIENT],
    [1, [`6.6.6.6, ${CLIENT}`], CLIENT],
    [1, [`6.6.6.6,7.7.7.7,8.8.8.8 ,\t${CLIENT} `], CLIENT],
    [2, [`6.6.6.6, ${CLIENT}, 203.0.113.1`], CLIENT],
    [3, [`6.6.6.6, ${CLIENT}, 203.0.113.1, 203.0.113.2`], CLIENT],
    [5, [`${CLIENT}, 1.1.1.1, 2.2.2.2, 3.3.3.3, 4.4.4.4`], CLIENT],
  ])('with %d trusted hops in %j is %s', (hops, lines, address) => {
    expect(forwardedAddress(lines, hops)).toBe(address);
  });

  test.each([
    [1, ['6.6.6.6', CLIENT]],
    [1, ['6.6.6.6, 7.7.7.7', '', `8.8.8.8, ${CLIENT}`]],
    [2, [`6.6.6.6, ${CLIENT}`, '203.0.113.1']],
    [2, ['6.6.6.6', CLIENT, '203.0.113.1']],
    [3, ['6.6.6.6', `${CLIENT}, 203.0.113.1`, '203.0.113.2']],
  ])('with %d trusted hops is found over all header lines %j', (hops, lines) => {
    expect(forwardedAddress(lines, hops)).toBe(CLIENT);
  });

  test.each([
    [0, [CLIENT]],
    [0, ['6.6.6.6, 7.7.7.7']],
    [1, []],
    [1, ['']],
    [1, ['6.6.6.6,']],
    [1, ['6.6.6.6', '']],
    [2, ['6.6.6.6']],
    [2, ['6.6.6.6,, 203.0.113.1']],
    [3, ['6.6.6.6, 7.7.7.7']],
    [3, ['6.6.6.6', '7.7.7.7']],
  ])('with %d trusted hops is not in %j, and no other entry replaces it', (hops, lines) => {
    expect(forwardedAddress(lines, hops)).toBeUndefined();
  });

  test.each([
    'unknown',
    '_hidden',
    'client.example.com',
    '256.1.1.1',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '0x7f.1',
    '2130706433',
    '1.2.3.4:',
    '1.2.3.4:port',
    '1.2.3.4:123456',
    ':443',
    '[1.2.3.4]:443',
    '[2001:db8::1',
    '2001:db8::1]',
    '[2001:db8::1]443',
    '[2001:db8::1]:',
    '[]',
    '[]:443',
    '2001:db8::g',
    '2001:db8::1::2',
    '1:2:3:4:5:6:7:8:443',
    '"2001:db8::1"',
    'for=192.0.2.1',
    '1.2.3.4 5.6.7.8',
    '1.2.3.4;',
    '1.2.3.4/32',
    '6.6.6.6\n1.2.3.4',
    '%eth0',
    '[%eth0]',
    '{}',
  ])('%j is not an address', (entry) => {
    expect(forwardedAddress([`6.6.6.6, ${entry}`], 1)).toBeUndefined();
  });

  test.each([
    ['198.51.100.7:54321', CLIENT],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:54321', '2001:db8::1'],
    ['2001:db8::1:443', '2001:db8::1:443'],
    ['[fe80::1%eth0]:443', 'fe80::1'],
    ['[::ffff:198.51.100.7]:443', CLIENT],
  ])('%s is %s', (entry, address) => {
    expect(forwardedAddress([`6.6.6.6, ${entry}`], 1)).toBe(address);
  });

  test('is found in linear time, in a header of the maximum length', () => {
    const lines = ['6.6.6.6,'.repeat(2000), `${','.repeat(16_000)}${CLIENT}`];
    const started = performance.now();
    for (let i = 0; i < 100; i++) expect(forwardedAddress(lines, 1)).toBe(CLIENT);
    for (let i = 0; i < 100; i++) {
      expect(forwardedAddress(['['.repeat(16_000)], 1)).toBeUndefined();
      expect(forwardedAddress([`${'1.'.repeat(8000)}:`], 1)).toBeUndefined();
      expect(forwardedAddress([`[${':'.repeat(16_000)}%`], 1)).toBeUndefined();
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('one address has one spelling', () => {
  test.each([
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::ffff:198.51.100.7', CLIENT],
    ['::FFFF:c633:6407', CLIENT],
    ['0:0:0:0:0:ffff:198.51.100.7', CLIENT],
    ['::ffff:0.0.0.1', '0.0.0.1'],
    ['64:ff9b::198.51.100.7', '64:ff9b::c633:6407'],
    ['fe80::1%eth0', 'fe80::1'],
    ['FE80::1%25', 'fe80::1'],
    ['127.0.0.1', '127.0.0.1'],
  ])('%s is %s', (text, address) => {
    expect(canonicalAddress(text)).toBe(address);
  });

  test.each([undefined, '', 'localhost', '1.2.3.4%eth0'])('%j has no spelling', (text) => {
    expect(canonicalAddress(text)).toBeUndefined();
  });
});

describe.each([0, 1, 2, 3])('a server behind %d proxies', (trustedHops) => {
  let app: RunningApp;
  beforeAll(async () => {
    app = await startApp({ trustedHops });
  });
  afterAll(() => app.stop());

  /** The address in the audit record after one request with these header lines. */
  async function recorded(...lines: string[]): Promise<unknown> {
    const before = app.auditText().split('\n').length - 1;
    const body = JSON.stringify(callOf('echo'));
    const head = [
      'POST /mcp HTTP/1.1',
      'Host: 127.0.0.1',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      `Authorization: Bearer ${TOKENS.alice}`,
      'Connection: close',
      ...lines.map((line) => `x-forwarded-FOR: ${line}`),
    ];
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    socket.resume();
    return (await app.audit(before + 1)).at(-1)?.['sourceIp'];
  }

  const proxies = ['203.0.113.1', '203.0.113.2', '203.0.113.3'].slice(0, Math.max(trustedHops - 1, 0));
  const seen = trustedHops === 0 ? '127.0.0.1' : CLIENT;

  test('records the client, however its entries are spread over lines and whatever the client wrote first', async () => {
    const chain = [CLIENT, ...proxies];
    expect(await recorded(chain.join(', '))).toBe(seen);
    expect(await recorded(...chain)).toBe(seen);
    expect(await recorded('6.6.6.6', ['7.7.7.7', ...chain].join(','))).toBe(seen);
    expect(await recorded('6.6.6.6, garbage, ,,::1', ...chain)).toBe(seen);
    expect(await recorded('6.6.6.6,'.repeat(1500), ...chain)).toBe(seen);
  });

  test('records the peer of its connection when the proxies have not written enough, and logs that once', async () => {
    expect(await recorded(...proxies)).toBe('127.0.0.1');
    expect(await recorded(...['', ...proxies])).toBe('127.0.0.1');
    expect(await recorded('6.6.6.6', ...['unknown', ...proxies])).toBe('127.0.0.1');
    const told = (await app.logText()).match(/"event":"forwarded_address_missing".*/g) ?? [];
    expect(told).toEqual(
      trustedHops === 0
        ? []
        : [`"event":"forwarded_address_missing","trustedHops":${trustedHops},"peer":"127.0.0.1"}`],
    );
  });
});

test('a program on the same machine cannot choose its address', async () => {
  const app = await startApp({ trustedHops: 1, ownAddresses: new Set(['127.0.0.1']) });
  await app.post({}, { 'x-forwarded-for': CLIENT });
  expect((await app.audit())[0]?.['sourceIp']).toBe('127.0.0.1');
  await app.stop();
});
