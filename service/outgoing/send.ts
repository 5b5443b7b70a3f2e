import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import type { Socket } from 'node:net';
import { FIELDS_KEPT, hasTooManyFields } from '../header-fields.ts';
import type { Wire } from './wire.ts';

/** Largest header section of a response in bytes; Node's default, stated so that a flag cannot raise it. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Interim responses (1xx) allowed before the final one. Servers send one or two. */
const MAX_INTERIM = 8;

/**
 * Sends one request on its own connection.
 *
 * @param body text to send, with its length
 * @returns the head of the response; read its body with `gather`
 * @throws an error with a `code`: that of the connection or the parser, `TOO_MANY_INTERIM_ANSWERS` beyond 8,
 * `TOO_MANY_HEADER_FIELDS` beyond 128 (Node would drop some), `PROTOCOL_SWITCHED`
 */
export function send(
  socket: Socket,
  wire: Wire,
  options: Pick<RequestOptions, 'method' | 'path' | 'headers'>,
  body?: string | Uint8Array,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const message = request({
      ...options,
      createConnection: () => socket,
      maxHeaderSize: MAX_HEADER_BYTES,
      insecureHTTPParser: false,
    });
    message.maxHeadersCount = FIELDS_KEPT;
    const fail = (code: string) => {
      reject(Object.assign(new Error(code), { code }));
      message.destroy();
    };
    let interim = 0;
    message.on('information', () => {
      interim += 1;
      if (interim === MAX_INTERIM + 1) fail('TOO_MANY_INTERIM_ANSWERS');
    });
    message.on('response', (response) => {
      if (hasTooManyFields(response)) fail('TOO_MANY_HEADER_FIELDS');
      // Node reports a 101 as a response when its other fields do not match a switch.
      else if ((response.statusCode ?? 0) < 200) fail('PROTOCOL_SWITCHED');
      else resolve(response);
    });
    // By then Node reads from the socket, and earlier data is not lost.
    message.on('socket', () => socket.on('data', wire.check));
    message.on('error', (error) => reject(wire.failure ?? error));
    message.on('close', () => fail('ECONNRESET'));
    message.end(body);
  });
}
