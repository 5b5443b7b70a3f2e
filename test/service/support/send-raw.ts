import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** Sends bytes that fetch would not send. @returns everything that the server sends until it closes the connection */
export function sendRaw(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}
