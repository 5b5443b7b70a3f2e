import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { countOf, startLoad } from '../../faults/support/load.ts';
import { startFleet } from '../../scale/support/fleet.ts';
import { startRoundRobin } from '../../scale/support/round-robin.ts';
import { serviceBundle } from '../../support/bundles.ts';

const PARAGRAPH = `<div class="row"><p>Some <b>words</b> and a <a href="/next">link</a>.</p><ul><li>One</li></ul></div>\n`;

test.each([10, 50, 100])(
  'the cost of a page of %d KiB',
  async (kib) => {
    const html = `<title>Page</title>${PARAGRAPH.repeat((kib * 1024) / PARAGRAPH.length)}`;
    const pages = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(html);
    }).listen(0, '127.0.0.1');
    await once(pages, 'listening');
    const balancer = await startRoundRobin('mcp.example.com');
    const fleet = await startFleet(1, balancer, (pages.address() as AddressInfo).port, serviceBundle());
    const params = { name: 'scrape_url', arguments: { url: 'http://page.example.com/' } };
    const message = () => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    const [server] = fleet.servers;
    const scrape = async (times: number) => {
      const load = startLoad(server?.port ?? 0, { workers: 2, message, times });
      await load.ended;
      return load.answers.map(({ status, text }) => (text.includes('Some **words**') ? status : text));
    };
    await scrape(30);
    const before = fleet.cpuMs();
    const said = await scrape(100);
    const cpuMs = (fleet.cpuMs() - before) / said.length;
    await balancer.stop();
    pages.closeAllConnections();
    pages.close();
    expect(Object.keys(countOf(said))).toEqual(['200']);
    process.stdout.write(
      `SCALE ${JSON.stringify({ what: `a page of ${kib} KiB`, cpuMs: cpuMs.toFixed(1) })}\n`,
    );
  },
  120_000,
);
