import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { atMost } from '../at-most.ts';
import { ServiceError } from '../errors.ts';
import { networkOf } from '../source-address.ts';
import { createSlidingWindow } from './sliding-window.ts';

export interface AuthFailureLimitOptions {
  /** Refused tokens allowed per address in any 60 s. */
  readonly limitPerMinute: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Limits how many unknown tokens an attacker can have verified. */
export interface AuthFailureLimit {
  /**
   * Verifies a token unless its address has reached the limit. Only refused tokens count, by IPv4 address or IPv6 /64:
   * not valid ones, however many, and not those that this server failed to verify. A token that was valid in the last
   * five minutes is verified in any case, so that a sender of invalid tokens does not lock out other clients behind its
   * address. If that token was revoked in the meantime, it is refused, counts, and is treated like any other.
   *
   * @param verify verifies the token; rejects with `token_invalid` when it refuses it
   * @throws ServiceError `address_rate_limited` without verifying the token; otherwise the error of `verify`
   */
  attempt<T>(address: string | undefined, token: string, verify: () => Promise<T>): Promise<T>;
}

/** How long a valid token is exempt from the limit, in milliseconds. */
const KNOWN_MS = 5 * 60_000;
/** Valid tokens to remember, by SHA-256; the least recently used is evicted. About 2 MB. */
const MAX_KNOWN = 10_000;

/** Verifications of one address. */
interface Attempts {
  /** Verifications in progress. */
  running: number;
  /** Verifications in progress and waiting. */
  present: number;
  /** Wake-up functions of waiting verifications. */
  readonly waiting: (() => void)[];
}

/** Counts in this process's memory: unauthenticated requests must not cause requests to a store. */
export function createAuthFailureLimit({ limitPerMinute, now }: AuthFailureLimitOptions): AuthFailureLimit {
  const failures = createSlidingWindow(now);
  const networks = new Map<string, Attempts>();
  const known = new LRUCache<string, true>({
    ...atMost(MAX_KNOWN),
    ttl: KNOWN_MS,
    ttlResolution: 0,
    perf: { now },
  });

  /**
   * Every verification in progress may fail. So when fewer failures are left than that, the next token waits for a
   * result: concurrent bad tokens cannot exceed the limit together, and valid ones are only delayed.
   */
  async function begin(network: string, attempts: Attempts): Promise<void> {
    for (;;) {
      const retryAfter = failures.wait(network, limitPerMinute);
      if (retryAfter > 0) {
        throw new ServiceError('address_rate_limited', {
          reason: `${limitPerMinute} refused tokens from ${network} in 60 s`,
          headers: { 'Retry-After': String(retryAfter) },
        });
      }
      const room = limitPerMinute - attempts.running;
      if (room > 0 && failures.wait(network, room) === 0) break;
      await new Promise<void>((resolve) => attempts.waiting.push(resolve));
    }
    attempts.running += 1;
  }

  /** Verifies a token and remembers the result. */
  async function look<T>(network: string, id: string, verify: () => Promise<T>): Promise<T> {
    try {
      const result = await verify();
      known.set(id, true);
      return result;
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'token_invalid') {
        known.delete(id);
        await failures.consume(network, limitPerMinute);
      }
      throw error;
    }
  }

  return {
    async attempt(address, token, verify) {
      const network = networkOf(address);
      const id = hash('sha256', token, 'base64');
      if (known.has(id)) return look(network, id, verify);
      const attempts = networks.get(network) ?? { running: 0, present: 0, waiting: [] };
      networks.set(network, attempts);
      attempts.present += 1;
      try {
        await begin(network, attempts);
        try {
          return await look(network, id, verify);
        } finally {
          attempts.running -= 1;
        }
      } finally {
        attempts.present -= 1;
        if (attempts.present === 0) networks.delete(network);
        // Each finished verification wakes one; a refused one wakes the next in turn.
        attempts.waiting.shift()?.();
      }
    },
  };
}
