import { describe, expect, test } from '@jest/globals';
import { createUrlGuard } from '../../../service/outgoing/url-guard.ts';
import { fetchText } from '../../support/fetch-page.ts';
import { edge, never, refusal, resolver } from '../../support/network.ts';
import { HOSTILE_URLS, MALFORMED, NOT_ALLOWED_URLS, SPECIAL_ADDRESSES } from './hostile-urls.ts';

/** Fetches through a guard. @returns the refusal, the resolved names and the opened connections */
async function attempt(
  url: string,
  allowedDomains: readonly string[],
  answers: Readonly<Record<string, readonly string[]>> = {},
) {
  const { resolve, asked } = resolver(answers);
  const { connect, targets } = edge();
  const guard = createUrlGuard({ allowedDomains, resolve });
  const said = await refusal(fetchText(url, { guard, maxBytes: 1000, connect }, never));
  return { said, asked, targets };
}

const refusedBy = (reason: RegExp) =>
  new RegExp(`^${MALFORMED.has(reason) ? 'input_invalid: url: ' : 'url_refused: .*'}${reason.source}`);

describe('a hostile URL is refused, and neither resolved nor connected to', () => {
  test.each(HOSTILE_URLS.map(([url, reason]) => [JSON.stringify(url).slice(0, 80), url, reason] as const))(
    '%s',
    async (_name, url, reason) => {
      const { said, asked, targets } = await attempt(url, ['*']);
      expect(said).toMatch(refusedBy(reason));
      expect(asked).toEqual([]);
      expect(targets).toEqual([]);
    },
  );
});

describe('a host outside the allow-list example.com, *.docs.example.org is refused', () => {
  test.each(NOT_ALLOWED_URLS)('%s', async (url, reason) => {
    const { said, asked, targets } = await attempt(url, ['example.com', '*.docs.example.org']);
    expect(said).toMatch(refusedBy(reason));
    expect(asked).toEqual([]);
    expect(targets).toEqual([]);
  });

  test('an empty allow-list allows nothing', async () => {
    expect((await attempt('http://example.com/', [])).said).toMatch(/is not allowed/);
  });
});

describe('a public name that resolves to a special address is refused without a connection', () => {
  test.each(SPECIAL_ADDRESSES)('%j', async (address, range) => {
    const { said, targets } = await attempt('https://public.org/', ['*'], { 'public.org': [address] });
    expect(said).toMatch(refusedBy(range));
    expect(targets).toEqual([]);
  });

  test.each([
    ['first', ['10.0.0.1', '93.184.216.34']],
    ['last', ['93.184.216.34', '10.0.0.1']],
    ['in the middle', ['93.184.216.34', '::1', '93.184.216.35']],
    ['after many', [...Array.from({ length: 50 }, () => '93.184.216.34'), '169.254.169.254']],
  ])('one bad address %s refuses them all', async (_where, addresses) => {
    const { said, targets } = await attempt('http://public.org/', ['*'], { 'public.org': addresses });
    expect(said).toMatch(/^url_refused: address .* is /);
    expect(targets).toEqual([]);
  });

  test('no address is an upstream failure', async () => {
    const { said, targets } = await attempt('http://public.org/', ['*'], { 'public.org': [] });
    expect(said).toBe('upstream_failed: dns ENODATA');
    expect(targets).toEqual([]);
  });

  test('an allowed domain does not exempt its addresses', async () => {
    const { said } = await attempt('http://example.com/', ['example.com'], { 'example.com': ['10.0.0.1'] });
    expect(said).toMatch(/private use/);
  });

  test('a name that does not resolve is an upstream failure with its code', async () => {
    expect((await attempt('http://nowhere.org/', ['*'])).said).toBe('upstream_failed: dns ENOTFOUND');
  });
});

describe('the guard allows', () => {
  test.each([
    ['http://public.org/', ['*']],
    ['HTTPS://PUBLIC.org:443/path?query#fragment', ['*']],
    ['http://public.org:80/', ['*']],
    ['https://public.org:80/', ['*']],
    ['http://a_b.public.org/', ['*']],
    ['http://bücher.org/', ['*']],
    ['http://93.184.216.34/', ['*']],
    ['http://[2606:2800:220:1:248:1893:25c8:1946]/', ['*']],
    ['http://example.com/', ['example.com']],
    ['http://EXAMPLE.com/', ['example.com']],
    ['http://a.example.com/', ['*.example.com']],
    ['http://a.b.c.example.com/', ['other.org', '*.example.com']],
    ['http://xn--bcher-kva.org/', ['xn--bcher-kva.org']],
    ['http://bücher.org/', ['xn--bcher-kva.org']],
  ])('%s with %j', (url, allowedDomains) => {
    expect(createUrlGuard({ allowedDomains }).check(url).href).toBe(new URL(url).href);
  });

  test.each([
    '1.0.0.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2000::1',
    '2001:200::1',
    '2001:db7:ffff::1',
    '2003::1',
    '2606:4700::1111',
    '3ffe:ffff::1',
  ])('the public address %s next to a special range', async (address) => {
    const guard = createUrlGuard({ allowedDomains: ['*'], ...resolver({ 'public.org': [address] }) });
    await expect(guard.resolve(new URL('http://public.org/'), never)).resolves.toEqual([address]);
  });
});

describe('local origins', () => {
  const guard = createUrlGuard({
    allowedDomains: [],
    localOrigins: ['http://127.0.0.1:9000', 'http://docs.localhost:8000'],
    ...resolver({ 'docs.localhost': ['127.0.0.1'] }),
  });

  test('are allowed although private, on any port', async () => {
    expect(await guard.resolve(guard.check('http://127.0.0.1:9000/a'), never)).toEqual(['127.0.0.1']);
    expect(await guard.resolve(guard.check('http://docs.localhost:8000/'), never)).toEqual(['127.0.0.1']);
  });

  test.each([
    'http://127.0.0.1:9001/',
    'http://127.0.0.1/',
    'https://127.0.0.1:9000/',
    'http://127.0.0.2:9000/',
    'http://localhost:9000/',
    'http://[::ffff:127.0.0.1]:9000/',
    'http://127.0.0.1.evil.net:9000/',
    'http://evil.docs.localhost:8000/',
    'http://user@127.0.0.1:9000/',
    'http://127.0.0.1:9000@evil.net/',
    'http://docs.localhost.:8000/',
  ])('do not exempt %s', (url) => {
    expect(() => guard.check(url)).toThrow('This URL may not be fetched from here');
  });
});

test('every refusal has the same text for the client', async () => {
  const { resolve } = resolver({ 'public.org': ['10.0.0.1'] });
  const guard = createUrlGuard({ allowedDomains: ['*'], resolve });
  const messages = await Promise.all(
    ['http://127.0.0.1/', 'file:///x', 'http://public.org/', 'http://public.org:22/'].map((url) =>
      fetchText(url, { guard, maxBytes: 1, connect: edge().connect }, never).catch(
        (error: Error) => error.message,
      ),
    ),
  );
  expect(new Set(messages)).toEqual(new Set(['This URL may not be fetched from here']));
});

test('there are at least 120 hostile URLs', () => {
  const urls = [...HOSTILE_URLS, ...NOT_ALLOWED_URLS].map(([url]) => url);
  expect(new Set(urls).size).toBeGreaterThanOrEqual(120);
});
