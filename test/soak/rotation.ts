import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SecretsManagerStandIn } from '../service/support/secrets-manager.ts';
import { entry } from '../service/support/tokens.ts';

/**
 * Pause between two steps of a rotation. The load always contains unknown tokens, each of which causes a read of a
 * list older than 5 s (UNKNOWN_MAX_AGE_MS): after this pause every change is in force.
 */
const STEP_MS = 8000;

/** Tokens of a few clients that are constantly renewed, only in the store. */
export interface Rotation {
  current(client: number): string;
  /** A revoked token, once there is one. */
  retired(client: number): string | undefined;
  /** How often all tokens were renewed and the old ones revoked. */
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

/** @param secretId name of the token list in the store, where it is put at once */
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
