import type { Socket } from 'node:net';
import { HEAD } from './pages.ts';

/** Largest page of the tests. */
export const PAGE_BYTES = 1024 * 1024;

/** Writes a text again and again while it is read. @param before is written once */
function flood(before: string, text: string, times = Number.POSITIVE_INFINITY): (socket: Socket) => void {
  return (socket) => {
    let left = times;
    const more = () => {
      while (left > 0) {
        left -= 1;
        if (!socket.write(text)) return;
      }
      socket.end();
    };
    socket.write(before);
    socket.on('drain', more);
    more();
  };
}

const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;

/** Each character in its own write. */
export const singleBytes = flood(`${HEAD}Content-Length: ${PAGE_BYTES}\r\n\r\n`, 'w', PAGE_BYTES);

/** Hostile framings of a page, with the error code of each. */
export const FRAMINGS = [
  ['comes in chunks of one byte', flood(CHUNKED, '1\r\nw\r\n'.repeat(8192)), 'TOO_MANY_PIECES'],
  ['has chunks with an extension', flood(CHUNKED, '1;a=b\r\nw\r\n'.repeat(8192)), 'TOO_MANY_PIECES'],
  [
    'has large chunks with extensions as large',
    flood(CHUNKED, `400;a=${'b'.repeat(16_000)}\r\n${'w'.repeat(1024)}\r\n`.repeat(8)),
    'TOO_MANY_BYTES',
  ],
  ['has trailers without an end', flood(`${CHUNKED}1\r\nw\r\n0\r\n`, 'a: b\r\n'.repeat(8192)), 'ECONNRESET'],
  [
    'says 100 without an end',
    flood('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(2600)),
    'TOO_MANY_INTERIM_ANSWERS',
  ],
  [
    'says 102 without an end',
    flood('', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(2600)),
    'TOO_MANY_INTERIM_ANSWERS',
  ],
  [
    'says 103 with links without an end',
    flood('', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(1600)),
    'TOO_MANY_INTERIM_ANSWERS',
  ],
  [
    'says 103 with 3,800 header fields without an end',
    flood('', `HTTP/1.1 103 Early Hints\r\n${'a:\r\n'.repeat(3800)}\r\n`),
    'TOO_MANY_INTERIM_ANSWERS',
  ],
  [
    'switches protocols',
    flood('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', 'w'.repeat(65_536)),
    'PROTOCOL_SWITCHED',
  ],
  ['has 3,800 header fields', flood(`${HEAD}${'a:\r\n'.repeat(3800)}\r\n`, 'w'), 'TOO_MANY_HEADER_FIELDS'],
  ['has header fields without an end', flood(HEAD, 'a: b\r\n'.repeat(8192)), 'HPE_HEADER_OVERFLOW'],
  [
    'redirects without an end behind bodies',
    (socket: Socket) => flood('HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n', 'w'.repeat(65_536))(socket),
    undefined,
  ],
] as const;
