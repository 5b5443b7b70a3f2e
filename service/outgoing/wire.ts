import type { Socket } from 'node:net';

/** Bytes allowed besides bodies: TLS records, chunk sizes, headers, certificates, and the first read. */
const ALLOWANCE = 256 * 1024;
/** Interval at which bytes without data, such as TLS session tickets, are counted, in milliseconds. */
const INTERVAL_MS = 50;

/** Counts the network bytes of all connections of one piece of work. */
export interface Wire {
  /** Counts a connection's bytes and closes it at the bound. @param tcp the connection beneath TLS */
  watch(tcp: Socket): void;
  /** Counts now; call it for each piece of data. */
  check(): void;
  /** Why a connection was closed here; the layers above see a reset. */
  readonly failure: Error | undefined;
}

/**
 * Bounds all bytes that are read: interim responses, chunk extensions, trailers and TLS handshakes count like a body.
 * Data is counted as it arrives, everything else every 50 ms.
 *
 * @param maxBytes largest body; the bound is twice that plus 256 KiB
 */
export function createWire(maxBytes: number): Wire {
  const bound = 2 * maxBytes + ALLOWANCE;
  let spent = 0;
  let check = () => {};
  let failure: Error | undefined;
  return {
    get failure() {
      return failure;
    },
    check: () => check(),
    watch(tcp) {
      let counted = 0;
      check = () => {
        spent += tcp.bytesRead - counted;
        counted = tcp.bytesRead;
        if (spent <= bound || failure !== undefined) return;
        failure = Object.assign(new Error('TOO_MANY_BYTES'), { code: 'TOO_MANY_BYTES' });
        tcp.destroy();
      };
      const count = check;
      const timer = setInterval(count, INTERVAL_MS);
      tcp.once('close', () => {
        clearInterval(timer);
        count();
      });
    },
  };
}
