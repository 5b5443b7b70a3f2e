import { createServer, type Server, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';

/** Bytes that are sent at once, as a fast server does. */
const BATCH = 60_000;

/**
 * A TLS server whose every write is its own record: 23 bytes on the wire for one of text. Node joins pending writes
 * into one record, and sends each record separately; this server prevents both.
 */
export function tinyRecordServer(
  tls: { readonly key: string; readonly cert: string },
  behave: (socket: TLSSocket) => void,
): Server {
  const secureContext = createSecureContext(tls);
  return createServer((raw) => {
    const socket = new TLSSocket(batched(raw), { isServer: true, secureContext });
    Object.assign(socket, { _writev: null });
    raw.on('close', () => socket.destroy());
    // The page begins only after the request.
    socket.on('error', () => {}).once('data', () => behave(socket));
  });
}

function batched(raw: Socket): Duplex {
  let held: Buffer[] = [];
  let size = 0;
  const flush = () => {
    if (size === 0) return true;
    const batch = Buffer.concat(held, size);
    held = [];
    size = 0;
    return raw.write(batch);
  };
  const duplex = new Duplex({
    read: () => void raw.resume(),
    write(piece: Buffer, _encoding, done) {
      held.push(piece);
      size += piece.length;
      if (size < BATCH || flush()) done();
      else raw.once('drain', () => done());
    },
    final(done) {
      flush();
      raw.end();
      done();
    },
  });
  const timer = setInterval(flush, 5);
  raw
    .on('error', () => {})
    .on('data', (piece) => void (duplex.push(piece) || raw.pause()))
    .on('end', () => duplex.push(null))
    .on('close', () => {
      clearInterval(timer);
      duplex.destroy();
    });
  return duplex;
}
