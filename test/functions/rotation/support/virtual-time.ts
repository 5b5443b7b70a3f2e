import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
  readonly isCall: boolean;
}

/**
 * A clock for many runs at once over the real AWS client and HTTP: calls take a time, and runs wait, but no real time
 * passes. Time advances to the next sleeper as soon as every call has arrived at the other end and every run waits.
 */
export class VirtualTime {
  now: number;
  readonly #sleepers: Sleeper[] = [];
  #outstanding = 0;

  constructor(start: number) {
    this.now = start;
  }

  /** Counts the calls of a client. */
  watch(client: SecretsManagerClient): void {
    client.middlewareStack.add(
      (next) => async (input) => {
        this.#outstanding += 1;
        try {
          return await next(input);
        } finally {
          this.#outstanding -= 1;
          this.#check();
        }
      },
      { step: 'initialize' },
    );
  }

  /** Waits as a run does. */
  readonly pause = (ms: number): Promise<void> => this.#sleep(ms, false);
  /** Lets a call take a time, at the other end. */
  readonly take = (ms: number): Promise<void> => this.#sleep(ms, true);

  #sleep(ms: number, isCall: boolean): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ until: this.now + ms, wake, isCall });
      this.#check();
    });
  }

  #check(): void {
    // After the microtasks: a run that got an answer may make another call.
    setImmediate(() => {
      const calls = this.#sleepers.filter(({ isCall }) => isCall).length;
      if (calls !== this.#outstanding) return;
      const next = this.#sleepers.reduce<Sleeper | undefined>(
        (first, one) => (first === undefined || one.until < first.until ? one : first),
        undefined,
      );
      if (next === undefined) return;
      this.#sleepers.splice(this.#sleepers.indexOf(next), 1);
      this.now = Math.max(this.now, next.until);
      next.wake();
    });
  }
}
