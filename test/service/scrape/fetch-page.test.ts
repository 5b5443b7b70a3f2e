import type { IncomingMessage, RequestListener } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { createUrlGuard } from '../../../service/outgoing/url-guard.ts';
import { fetchPage } from '../../../service/scrape/fetch-page.ts';
import { never, refusal } from '../../support/network.ts';
import { useServers } from '../../support/use-servers.ts';

const text = { 'content-type': 'text/plain' };
const { serve } = useServers();

function get(origin: string) {
  const guard = createUrlGuard({ allowedDomains: [], localOrigins: [origin] });
  return fetchPage(`${origin}/`, { guard, maxBytes: 1000 }, never);
}

const fetchFrom = async (listener: RequestListener) => get((await serve(listener)).origin);

describe('the request of a page', () => {
  test('carries a fixed identity and nothing else', async () => {
    let headers: IncomingMessage['headers'] = {};
    const { origin } = await serve((request, response) => {
      headers = request.headers;
      response.writeHead(200, text).end('ok');
    });
    await get(origin);
    expect(headers).toEqual({
      host: origin.slice('http://'.length),
      'user-agent': expect.stringMatching(/^hardened-mcp\//),
      accept: expect.stringContaining('text/html'),
      'accept-encoding': 'gzip, br',
      connection: 'close',
    });
  });
});

describe('a page', () => {
  test.each([
    'image/png',
    'application/pdf',
    'application/octet-stream',
    'video/mp4',
    'text',
    'multipart/mixed',
    '',
  ])('of type %j is refused, its body unread', async (type) => {
    const said = refusal(
      fetchFrom((_request, response) => {
        response.writeHead(200, type === '' ? {} : { 'content-type': type });
        response.write('x');
      }),
    );
    expect(await said).toBe(`content_unsupported: media type ${type || 'missing'}`);
  });

  test.each([
    'text/html',
    'TEXT/HTML; charset=utf-8',
    'application/xhtml+xml',
    'text/csv',
    'application/json',
    'application/ld+json',
    'application/rss+xml',
  ])('of type %s is read', async (type) => {
    const page = await fetchFrom((_request, response) =>
      response.writeHead(200, { 'content-type': type }).end('x'),
    );
    expect(page.bytes).toHaveLength(1);
  });
});
