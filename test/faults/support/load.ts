import { Agent } from 'node:https';
import { type BundleAnswer, postToBundle } from '../../service/support/deployed-bundle.ts';
import { TOKEN } from './server.ts';

/** The response to a request and when it arrived, in milliseconds of `performance.now()`. */
export interface TimedAnswer extends BundleAnswer {
  /** Index of the request in the load. */
  readonly n: number;
  readonly begunAt: number;
  readonly endedAt: number;
}

/**
 * Errors of requests that a stopping server never accepted: it no longer listens, or it closes the connection, new
 * or kept alive, while the request is on its way. HTTP clients repeat such requests (RFC 9112 §9.3.1).
 */
export const NOT_TAKEN: readonly string[] = [
  'ECONNREFUSED',
  'ECONNRESET of a kept connection',
  'ECONNRESET of a new connection',
];

export interface Load {
  readonly answers: TimedAnswer[];
  /** Errors of requests without a response: those of {@link NOT_TAKEN}, or a code and the affected connection. */
  readonly broken: string[];
  /** Resolves when every worker has ended, because it was told to or because the server no longer listens. */
  readonly ended: Promise<void>;
  /** Starts no new requests. */
  stop(): void;
}

export interface LoadOptions {
  /** Number of clients, each sending one request after the other on its own connection. */
  readonly workers: number;
  /** Message of the n-th request. */
  readonly message: (n: number) => object;
  /** @default - the known client */
  readonly token?: string;
  /** Total number of requests. @default - until told to stop */
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

/** Number of occurrences of each value in a list. */
export function countOf(values: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
