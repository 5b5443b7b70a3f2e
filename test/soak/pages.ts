import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** More than a page may have (SCRAPE_MAX_BYTES, 1 MiB by default). */
const TOO_MUCH = 'words and words '.repeat(80 * 1024);
const PARAGRAPHS =
  '<div><h2>Part</h2><p>Words with a <a href="/x">link</a> and <b>weight</b>.</p></div>'.repeat(100);

/** Pages on loopback for the scrape tool; a number in each shows which request asked for it. */
export interface Pages {
  readonly port: number;
  /** Requests for each kind of page. */
  readonly asked: ReadonlyMap<string, number>;
  /** Emits when a page that never ends was requested, and when its reader has disconnected. */
  expect(number: number): { readonly asked: Promise<void>; readonly left: Promise<void> };
  close(): void;
}

export async function startPages(): Promise<Pages> {
  const asked = new Map<string, number>();
  const expected = new Map<number, { asked(): void; left(): void }>();
  const html = (number: number) =>
    `<!doctype html><title>Page ${number}</title><main>page ${number} here</main>${PARAGRAPHS}`;
  const type = { 'content-type': 'text/html' };

  const SORTS: Record<string, (response: ServerResponse, number: number) => void> = {
    plain: (response, number) => response.writeHead(200, type).end(html(number)),
    gzip: (response, number) =>
      response.writeHead(200, { ...type, 'content-encoding': 'gzip' }).end(gzipSync(html(number))),
    moved: (response, number) => response.writeHead(302, { location: `/plain/${number}` }).end(),
    large: (response, number) => response.writeHead(200, type).end(`page ${number} here ${TOO_MUCH}`),
    // Announces more bytes than it sends.
    lies: (response) => {
      response.writeHead(200, { ...type, 'content-length': 1000 }).write('short');
      setImmediate(() => response.socket?.end());
    },
    never: (response, number) => {
      const waiting = expected.get(number);
      expected.delete(number);
      response.once('close', () => waiting?.left());
      waiting?.asked();
    },
  };

  const server = createServer((request, response) => {
    const [, sort = '', number] = /^\/(\w+)\/(\d+)$/.exec(request.url ?? '') ?? [];
    asked.set(sort, (asked.get(sort) ?? 0) + 1);
    SORTS[sort]?.(response, Number(number));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    expect(number) {
      const heard = { asked() {}, left() {} };
      const told = (what: keyof typeof heard) =>
        new Promise<void>((resolve) => {
          heard[what] = resolve;
        });
      expected.set(number, heard);
      return { asked: told('asked'), left: told('left') };
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
