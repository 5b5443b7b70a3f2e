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
 * How requests end of which nothing is answered when a server goes: nobody listens, or the connection, kept or being
 * opened, is closed while the request is on its way. HTTP clients repeat them (RFC 9112 §9.3.1).
 */
export const NOT_TAKEN: readonly string[] = [
  'ECONNREFUSED',
  'ECONNRESET of a kept connection',
  'ECONNRESET of a new connection',
];

export interface Load {
  readonly answers: TimedAnswer[];
  /** How requests ended that were not answered: those of {@link NOT_TAKEN}, or a code with what it befell. */
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
        const befell =
          reusedSocket === undefined ? 'an answer' : `a ${reusedSocket ? 'kept' : 'new'} connection`;
        broken.push(code === 'ECONNREFUSED' ? code : `${code} of ${befell}`);
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
