import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { ServiceError } from '../errors.ts';
import { networkOf } from '../source-address.ts';
import { createSlidingWindow } from './sliding-window.ts';

export interface AuthFailureLimitOptions {
  /** Tokens of one address that may be refused in any 60 s. */
  readonly limitPerMinute: number;
  /** Milliseconds of a clock that does not go back. */
  readonly now: () => number;
}

/** Keeps whoever tries tokens from making the verifier look at ever more of them. */
export interface AuthFailureLimit {
  /**
   * Lets a token be looked at unless the address has reached its limit. Only refused tokens count, by IPv4 address or
   * IPv6 /64: neither good ones, however many, nor those that this server failed to check. A token that was good in
   * the last five minutes is looked at in any case, so whoever sends bad ones does not lock out his neighbours; it is
   * looked at, not let in: taken back meanwhile, it is refused, counts, and is like any other from then on.
   *
   * @param verify looks at the token; rejects with `token_invalid` when it refuses it
   * @throws ServiceError `address_rate_limited` without a look at the token; otherwise whatever `verify` throws
   */
  attempt<T>(address: string | undefined, token: string, verify: () => Promise<T>): Promise<T>;
}

/** How long a token that was good is looked at wherever it comes from, in milliseconds. */
const KNOWN_MS = 5 * 60_000;
/** Good tokens remembered, by SHA-256; one beyond forgets the one not used for longest. About 2 MB. */
const MAX_KNOWN = 10_000;

/** What goes on for one address. */
interface Attempts {
  /** Tokens being looked at. */
  running: number;
  /** Those and the ones that wait. */
  present: number;
  /** Lets each waiting one ask again. */
  readonly waiting: (() => void)[];
}

/** Counts in this process's memory: a question to a store would be one more thing that anybody can make it do. */
export function createAuthFailureLimit({ limitPerMinute, now }: AuthFailureLimitOptions): AuthFailureLimit {
  const failures = createSlidingWindow(now);
  const networks = new Map<string, Attempts>();
  const known = new LRUCache<string, true>({
    max: MAX_KNOWN,
    ttl: KNOWN_MS,
    ttlResolution: 0,
    perf: { now },
  });

  /**
   * Every token being looked at may turn out to be bad. So where there is room for fewer failures than that, the next
   * one waits for a result: simultaneous bad ones do not exceed the limit together, good ones are late but let in.
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

  /** Looks at a token, and keeps in mind what came of it. */
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
        // One for one; whoever is refused in turn wakes the next.
        attempts.waiting.shift()?.();
      }
    },
  };
}
