import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { createWire } from '../../../service/outgoing/wire.ts';

test('bytes without data, such as those of a TLS handshake, count as well', async () => {
  const server = createServer((socket) => {
    const more = () => {
      while (socket.write(Buffer.alloc(16_384)));
    };
    socket.on('error', () => {}).on('drain', more);
    more();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const wire = createWire(1024);
  const tcp = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  wire.watch(tcp);
  // Read below, as TLS does: nothing calls check.
  tcp.resume();
  await once(tcp, 'close');
  server.close();
  expect(wire.failure).toMatchObject({ code: 'TOO_MANY_BYTES' });
});
