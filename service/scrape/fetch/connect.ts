import type { Socket } from 'node:net';
import { type OpenOptions, openSocket } from '../../outgoing/open.ts';

export type { ConnectOptions, TcpConnect } from '../../outgoing/open.ts';

/** How long one address may take to accept a connection before the next is tried, in milliseconds. */
const ATTEMPT_TIMEOUT_MS = 3_000;
/** Addresses tried, in the resolver's order. */
const MAX_ATTEMPTS = 4;

/**
 * Opens a connection for a URL to one of the given addresses. Since only addresses are connected to, no second
 * resolution can lead elsewhere.
 */
export async function openConnection(
  url: URL,
  addresses: readonly string[],
  options: OpenOptions,
): Promise<Socket> {
  let failure: unknown;
  for (const address of addresses.slice(0, MAX_ATTEMPTS)) {
    options.signal.throwIfAborted();
    try {
      return await openSocket(url, address, { ...options, timeoutMs: ATTEMPT_TIMEOUT_MS });
    } catch (error) {
      failure = error;
    }
  }
  options.signal.throwIfAborted();
  throw failure;
}
