import { Agent } from 'node:https';
import { type BundleAnswer, postToBundle } from '../../service/support/deployed-bundle.ts';
import { TOKEN } from './server.ts';

export interface Load {
  readonly answers: BundleAnswer[];
  /** Codes of the errors of requests that were not answered. */
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
  const answers: BundleAnswer[] = [];
  const broken: string[] = [];
  let sent = 0;
  let stopped = false;
  async function work(): Promise<void> {
    while (!stopped && sent < (times ?? Number.POSITIVE_INFINITY)) {
      try {
        answers.push(await postToBundle(port, token, message(sent++), {}, agent));
      } catch (error) {
        const { code = 'unknown' } = error as { code?: string };
        broken.push(code);
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
