import { Agent } from 'node:https';
import { type BundleAnswer, postToBundle } from '../../service/support/deployed-bundle.ts';
import { TOKEN } from './server.ts';

/** What a request got, and when: milliseconds of `performance.now()`. */
export interface TimedAnswer extends BundleAnswer {
  /** Which request of the load it was. */
  readonly n: number;
  readonly begunAt: number;
  readonly endedAt: number;
}

/**
 * A kept connection ended before anything of an answer came. Of a server that is still there it may mean that it closed an
 * idle connection while the next request was on its way, which HTTP clients repeat (RFC 9112 §9.3.1).
 */
export const RESET_KEPT = 'ECONNRESET on a kept connection';

export interface Load {
  readonly answers: TimedAnswer[];
  /** Codes of the errors of requests that were not answered, or {@link RESET_KEPT}. */
  readonly broken: string[];
  /** Resolves when every worker has ended, told to or because nobody listens any more. */
  readonly ended: Promise<void>;
  /** No new requests. */
  stop(): void;
}

export interface LoadOptions {
  /** Clients that each send one request after the other on a connection of their own. */
  readonly workers: number;
  /** Message of the n-th request. */
  readonly message: (n: number) => object;
  /** @default - the known client */
  readonly token?: string;
  /** Requests in all. @default - until told to stop */
  readonly times?: number;
}

export function startLoad(port: number, { workers, message, token = TOKEN, times }: LoadOptions): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: workers });
  const answers: TimedAnswer[] = [];
  const broken: string[] = [];
  let sent = 0;
  let stopped = false;
  async function work(): Promise<void> {
    while (!stopped && sent < (times ?? Number.POSITIVE_INFINITY)) {
      const n = sent++;
      const begunAt = performance.now();
      try {
        const answer = await postToBundle(port, token, message(n), {}, agent);
        answers.push({ ...answer, n, begunAt, endedAt: performance.now() });
      } catch (error) {
        const { code = 'unknown', reusedSocket } = error as { code?: string; reusedSocket?: boolean };
        broken.push(code === 'ECONNRESET' && reusedSocket === true ? RESET_KEPT : code);
        if (code === 'ECONNREFUSED') return;
      }
    }
  }
  const ended = Promise.all(Array.from({ length: workers }, work)).then(() => agent.destroy());
  return {
    answers,
    broken,
    ended,
    stop() {
      stopped = true;
    },
  };
}

/** How often each stands in a list. */
export function countOf(values: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
