import type { Socket } from 'node:net';

/** What framing may take besides a body: TLS records, chunk sizes, heads, certificates, and what a first read brings in. */
const ALLOWANCE = 256 * 1024;
/** How often bytes are counted that bring no data, such as TLS session tickets, in milliseconds. */
const INTERVAL_MS = 50;

/** Bytes of all connections that one piece of work opens, as they come from the network. */
export interface Wire {
  /** Counts a connection's bytes and ends it at the bound. @param tcp the connection beneath TLS */
  watch(tcp: Socket): void;
  /** Counts now; to be called for each piece of data. */
  check(): void;
  /** Why a connection was ended here, which those above it see as a reset. */
  readonly failure: Error | undefined;
}

/**
 * Bounds what is read in all, whatever it is: interim answers, chunk extensions, trailers and TLS handshakes count as a
 * body does. Data is counted as it comes, everything else every 50 ms.
 *
 * @param maxBytes largest body; the bound is twice that and 256 KiB
 */
export function createWire(maxBytes: number): Wire {
  const bound = 2 * maxBytes + ALLOWANCE;
  let spent = 0;
  let check = () => {};
  const wire = {
    failure: undefined as Error | undefined,
    check: () => check(),
    watch(tcp: Socket) {
      let counted = 0;
      check = () => {
        spent += tcp.bytesRead - counted;
        counted = tcp.bytesRead;
        if (spent <= bound || wire.failure !== undefined) return;
        wire.failure = Object.assign(new Error('TOO_MANY_BYTES'), { code: 'TOO_MANY_BYTES' });
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
  return wire;
}
