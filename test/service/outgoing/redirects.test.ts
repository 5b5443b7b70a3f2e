import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createUrlGuard } from '../../../service/outgoing/url-guard.ts';
import { fetchText } from '../../support/fetch-page.ts';
import { edge, type LoopbackServer, never, refusal, resolver, startServer } from '../../support/network.ts';

const PUBLIC = '93.184.216.34';
const OTHER = '93.184.216.99';

/** Redirects to the URL of the query, or responds with a page. */
let server: LoopbackServer;
const requests: string[] = [];

beforeAll(async () => {
  server = await startServer((request, response) => {
    requests.push(`${request.headers.host}${request.url}`);
    const query = new URL(request.url ?? '', 'http://x').searchParams;
    const to =
      request.url === '/loop' ? '/loop' : request.url === '/long' ? `/${'a'.repeat(3000)}` : query.get('to');
    if (to === null) response.writeHead(200, { 'content-type': 'text/plain' }).end('the page');
    else response.writeHead(Number(query.get('status') ?? 302), { location: to }).end('not read');
  });
});
afterAll(() => server.close());

function fetchFrom(url: string, options: { allowedDomains?: string[]; localOrigins?: string[] } = {}) {
  const { resolve, asked } = resolver({
    'public.org': [PUBLIC],
    'other.org': [OTHER],
    'inside.org': ['10.0.0.7'],
    'half.org': [PUBLIC, '127.0.0.1'],
  });
  const { connect, targets } = edge(server.port);
  const guard = createUrlGuard({ allowedDomains: ['*'], resolve, ...options });
  return { asked, targets, work: fetchText(url, { guard, maxBytes: 1000, connect }, never) };
}

const via = (to: string, status = 302) => `http://public.org/?status=${status}&to=${encodeURIComponent(to)}`;

describe('a redirect that must not be followed', () => {
  test.each([
    ['to a private literal', 'http://10.0.0.1/', /10\.0\.0\.1 is private/],
    ['to the metadata service', 'http://169.254.169.254/latest/', /metadata/],
    ['to an encoded loopback literal', 'http://0x7f.1/', /loopback/],
    ['to a mapped literal', 'http://[::ffff:a9fe:a9fe]/', /IPv4-mapped/],
    ['to a host that resolves to a private address', 'http://inside.org/', /10\.0\.0\.7 is private/],
    ['to a host with one private address', 'http://half.org/', /loopback/],
    ['to localhost', 'http://localhost/', /no dot/],
    ['to file', 'file:///etc/passwd', /scheme file:/],
    ['to gopher', 'gopher://other.org/', /scheme gopher:/],
    ['to data', 'data:text/html,x', /scheme data:/],
    ['to javascript', 'javascript:alert(1)', /scheme javascript:/],
    ['to another port', 'http://other.org:8080/', /port 8080/],
    ['with userinfo', 'http://user:pass@other.org/', /credentials/],
    ['with a host as userinfo', 'http://other.org@127.0.0.1/', /credentials/],
    ['relative to the scheme, to a private literal', '//127.0.0.1/', /loopback/],
    ['to a backslash authority', '\\\\127.0.0.1\\', /backslash/],
    ['to a slash and a backslash', '/\\127.0.0.1/', /backslash/],
    ['to a URL that goes on to an overlong one', '/long', /more than 2048/],
    ['to text that is not a URL', 'http://[', /not a URL/],
    ['to a trailing dot', 'http://other.org./', /trailing dot/],
    ['to a look-alike of a local origin', 'http://127.0.0.1.evil.net:9000/', /port 9000/],
    ['to another port of a local origin', 'http://127.0.0.1:9001/', /port 9001/],
    ['to another scheme of a local origin', 'https://127.0.0.1:9000/', /port 9000/],
    ['to a local origin as userinfo', 'http://127.0.0.1:9000@inside.org/', /credentials/],
  ])('%s', async (_name, to, reason) => {
    const { work, targets } = fetchFrom(via(to), { localOrigins: ['http://127.0.0.1:9000'] });
    const said = await refusal(work);
    expect(said).toMatch(/^redirect_refused: redirect: /);
    expect(said).toMatch(reason);
    expect(new Set(targets)).toEqual(new Set([`${PUBLIC} 80`]));
  });

  test('to a domain that is not allowed', async () => {
    const { work, targets } = fetchFrom(via('http://other.org/'), { allowedDomains: ['public.org'] });
    expect(await refusal(work)).toBe('redirect_refused: redirect: host other.org is not allowed');
    expect(targets).toHaveLength(1);
  });

  test('at the second hop', async () => {
    const { work, targets } = fetchFrom(via('http://other.org/?to=http%3A%2F%2F127.0.0.1%2F'));
    expect(await refusal(work)).toMatch(/loopback/);
    expect(targets).toEqual([`${PUBLIC} 80`, `${OTHER} 80`]);
  });

  test('in a loop', async () => {
    const { work, targets, asked } = fetchFrom('http://public.org/loop');
    expect(await refusal(work)).toBe('upstream_failed: more than 5 redirects');
    expect(targets).toHaveLength(6);
    expect(asked).toHaveLength(6);
  });

  test.each([300, 304, 305, 306])('a %i is a page, not a redirect', async (status) => {
    const { work, targets } = fetchFrom(via('http://127.0.0.1/', status));
    await refusal(work);
    expect(targets).toHaveLength(1);
  });
});

describe('a redirect that is followed', () => {
  test.each([301, 302, 303, 307, 308])(
    '%i to another public host, with its own resolution and connection',
    async (status) => {
      const { work, asked, targets } = fetchFrom(via('http://other.org/page', status));
      const page = await work;
      expect(page.url.href).toBe('http://other.org/page');
      expect(page.status).toBe(200);
      expect(asked).toEqual(['public.org', 'other.org']);
      expect(targets).toEqual([`${PUBLIC} 80`, `${OTHER} 80`]);
    },
  );

  test.each([
    ['/a/b', 'http://public.org/a/b'],
    ['?q', 'http://public.org/?q'],
    ['//other.org/x', 'http://other.org/x'],
    ['/caf\u00c3\u00a9', 'http://public.org/caf%C3%A9'],
  ])('relative: %s', async (to, expected) => {
    expect((await fetchFrom(via(to)).work).url.href).toBe(expected);
  });

  test('to a local origin, exactly that', async () => {
    const { work, targets } = fetchFrom(via(`${server.origin}/local`), { localOrigins: [server.origin] });
    expect((await work).url.href).toBe(`${server.origin}/local`);
    expect(targets).toEqual([`${PUBLIC} 80`, `127.0.0.1 ${server.port}`]);
  });
});

describe('rebinding', () => {
  test('the name is resolved once, and the connection goes to the checked address', async () => {
    const answers = [PUBLIC, '127.0.0.1', '169.254.169.254'];
    let asked = 0;
    const guard = createUrlGuard({
      allowedDomains: ['*'],
      resolve: async () => [{ address: answers[asked++] ?? '', family: 4 }],
    });
    const { connect, targets } = edge(server.port);
    requests.length = 0;
    await fetchText('http://rebind.org/page', { guard, maxBytes: 1000, connect }, never);
    expect(asked).toBe(1);
    expect(targets).toEqual([`${PUBLIC} 80`]);
    expect(requests).toEqual(['rebind.org/page']);
  });

  test('a redirect to the same host is checked again and refused when it has become private', async () => {
    const answers = [PUBLIC, '127.0.0.1'];
    let asked = 0;
    const guard = createUrlGuard({
      allowedDomains: ['*'],
      resolve: async () => [{ address: answers[asked++] ?? '', family: 4 }],
    });
    const { connect, targets } = edge(server.port);
    const said = await refusal(
      fetchText('http://rebind.org/?to=/again', { guard, maxBytes: 1000, connect }, never),
    );
    expect(said).toMatch(/loopback/);
    expect(targets).toEqual([`${PUBLIC} 80`]);
  });
});
