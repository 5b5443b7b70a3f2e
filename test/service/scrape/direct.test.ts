import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDirectEngine } from '../../../service/scrape/direct.ts';
import { createTurns } from '../../../service/turns.ts';
import { edge, type LoopbackServer, never, refusal, resolver, startServer } from '../../support/network.ts';
import { OLD_TABLE } from './support/old-pages.ts';

let site: LoopbackServer;
let closedByClient = 0;

beforeAll(async () => {
  site = await startServer((request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) closedByClient += 1;
    });
    if (request.url === '/hang') return;
    if (request.url === '/moved') response.writeHead(301, { location: '/table.html' }).end();
    else if (request.url === '/missing')
      response.writeHead(404, { 'content-type': 'text/html' }).end('<title>Gone</title>');
    else response.writeHead(200, { 'content-type': 'text/html' }).end(OLD_TABLE);
  });
});
afterAll(() => site.close());

function engine(maxBytes = 100_000) {
  return createDirectEngine({
    allowedDomains: [],
    localOrigins: [site.origin],
    maxBytes,
    turns: createTurns(),
  });
}

describe('the direct engine', () => {
  test('returns a real page as Markdown, with its URL', async () => {
    const page = await engine().scrape({ url: `${site.origin}/moved`, format: 'markdown' }, never);
    expect(page).toMatchObject({
      url: `${site.origin}/table.html`,
      status: 200,
      title: expect.stringMatching(/TABLE/i),
      truncated: false,
    });
    expect(page.content).toMatch(/\| .*Ada Lindqvist.* \|/);
  });

  test('returns an error page with its status', async () => {
    const page = await engine().scrape({ url: `${site.origin}/missing`, format: 'text' }, never);
    expect(page).toMatchObject({ status: 404, title: 'Gone', content: '' });
  });

  test('returns the matches of a selector', async () => {
    const page = await engine().scrape(
      { url: `${site.origin}/table.html`, format: 'html', selector: 'th' },
      never,
    );
    expect(page.content).toMatch(/^<th[^>]*>.*<\/th>$/s);
  });

  test('cuts a page at maxBytes and reports it', async () => {
    const page = await engine(1024).scrape({ url: `${site.origin}/table.html`, format: 'html' }, never);
    expect(page.content).toHaveLength(1024);
    expect(page.truncated).toBe(true);
  });

  test('refuses a bad selector before anything is fetched', async () => {
    const { connect, targets } = edge(site.port);
    const { resolve, asked } = resolver({ 'public.org': ['93.184.216.34'] });
    const direct = createDirectEngine({
      allowedDomains: ['*'],
      resolve,
      connect,
      maxBytes: 1000,
      turns: createTurns(),
    });
    const work = direct.scrape({ url: 'http://public.org/', format: 'html', selector: 'p::after' }, never);
    expect(await refusal(work)).toMatch(/^selector_invalid/);
    expect([...asked, ...targets]).toEqual([]);
  });

  test('refuses a private address although a local origin uses it', async () => {
    const work = engine().scrape({ url: 'http://127.0.0.1:1/', format: 'text' }, never);
    expect(await refusal(work)).toBe('url_refused: port 1');
  });

  test('closes the connection within a second of its signal', async () => {
    const controller = new AbortController();
    const work = engine().scrape({ url: `${site.origin}/hang`, format: 'text' }, controller.signal);
    setTimeout(() => controller.abort(new Error('the client went away')), 50);
    await expect(work).rejects.toThrow('the client went away');
    const until = performance.now() + 1000;
    while (closedByClient === 0 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(closedByClient).toBe(1);
  });
});
