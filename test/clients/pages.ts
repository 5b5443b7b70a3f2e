import { createServer } from 'node:http';

/** Minimum bytes of HTML of the large page. */
const LARGE = 1024 * 1024;

/** A text that the small page contains once, so that copies in an answer can be counted. */
export const MARK = 'A heron stood in the reeds at dawn';
/** A text that the large page contains once, near its beginning. */
export const LARGE_MARK = 'Line 7 of the long page';

const line = (index: number) => `<p>Line ${index} of the long page, with some words in it.</p>\n`;
const small = `<!doctype html><title>Small</title><main><h1>Small</h1><p>${MARK}.</p></main>`;

function largePage(): string {
  const lines = ['<!doctype html><title>Large</title><main><h1>Large</h1>\n'];
  for (let bytes = 0, index = 0; bytes < LARGE; index++) {
    lines.push(line(index));
    bytes += line(index).length;
  }
  return `${lines.join('')}</main>`;
}

/** Serves the pages that the clients ask for: `/small` and `/large`, on loopback. */
export async function servePages(port: number): Promise<() => void> {
  const large = largePage();
  const server = createServer((request, response) => {
    response
      .setHeader('Content-Type', 'text/html; charset=utf-8')
      .end(request.url === '/large' ? large : small);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
