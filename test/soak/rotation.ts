import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SecretsManagerStandIn } from '../service/support/secrets-manager.ts';
import { entry } from '../service/support/tokens.ts';

/**
 * Between two steps of a rotation. The mix always holds unknown tokens, each of which makes the list be read again when
 * it is older than 5 s (UNKNOWN_MAX_AGE_MS): after this every change has been heard of.
 */
const STEP_MS = 8000;

/** Tokens of a few clients that are renewed all the time, in the store and nowhere else. */
export interface Rotation {
  current(client: number): string;
  /** One that was taken back, once there is one. */
  retired(client: number): string | undefined;
  /** How often all were renewed and the old ones taken back. */
  count(): number;
  stop(): void;
}

const generation = (clients: number) =>
  Array.from({ length: clients }, () => randomBytes(32).toString('base64url'));

const documentOf = (...generations: string[][]) =>
  JSON.stringify({
    tokens: generations.flatMap((tokens) =>
      tokens.map((token, client) => entry(token, `soak-${client}`, ['scrape'])),
    ),
  });

/** @param secretId what the list of tokens is called in the store; it is put there at once */
export function startRotation(store: SecretsManagerStandIn, secretId: string, clients: number): Rotation {
  let current = generation(clients);
  let retired: string[] = [];
  let count = 0;
  const stopped = new AbortController();
  const step = () => sleep(STEP_MS, undefined, { signal: stopped.signal });

  async function rotate(): Promise<void> {
    for (;;) {
      await step();
      const [old, next] = [current, generation(clients)];
      store.secrets.set(secretId, documentOf(old, next));
      await step();
      current = next;
      await step();
      store.secrets.set(secretId, documentOf(next));
      await step();
      retired = old;
      count += 1;
    }
  }

  store.secrets.set(secretId, documentOf(current));
  rotate().catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
  return {
    current: (client) => current[client % clients] ?? '',
    retired: (client) => retired[client % clients],
    count: () => count,
    stop: () => stopped.abort(),
  };
}
