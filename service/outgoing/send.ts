import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import type { Socket } from 'node:net';
import { FIELDS_KEPT, hasTooManyFields } from '../header-fields.ts';
import type { Wire } from './wire.ts';

/** Largest header section of an answer in bytes; Node's own default, stated so that a flag cannot raise it. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Interim answers (1xx) before the final one. Servers send one or two. */
const MAX_INTERIM = 8;

/**
 * Sends one request on a connection of its own.
 *
 * @param body text to send, with its length
 * @returns the head of the answer; its body is to be read with `gather`
 * @throws an error with a `code`: that of the connection or of the parser, `TOO_MANY_INTERIM_ANSWERS` beyond 8,
 *   `TOO_MANY_HEADER_FIELDS` beyond 128, of which Node would leave some out, `PROTOCOL_SWITCHED`
 */
export function send(
  socket: Socket,
  wire: Wire,
  options: Pick<RequestOptions, 'method' | 'path' | 'headers'>,
  body?: string,
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
      // Node takes a 101 for an answer when its other fields do not fit a switch.
      else if ((response.statusCode ?? 0) < 200) fail('PROTOCOL_SWITCHED');
      else resolve(response);
    });
    // By then Node reads from it, and data that came before is not lost.
    message.on('socket', () => socket.on('data', wire.check));
    message.on('error', (error) => reject(wire.failure ?? error));
    message.on('close', () => fail('ECONNRESET'));
    message.end(body);
  });
}
