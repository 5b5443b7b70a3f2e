import type { Socket } from 'node:net';
import { type OpenOptions, openSocket } from './open.ts';

/** Timeout for a connection to one address before the next is tried, in milliseconds. */
const ATTEMPT_TIMEOUT_MS = 3_000;
/** Maximum addresses to try, in the resolver's order. */
const MAX_ATTEMPTS = 4;

/** Connects to one of the given addresses. It resolves no name, so a second resolution cannot lead elsewhere. */
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
