import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the condition is true, up to ten seconds. @throws Error with the text of `say` if it stays false */
export async function until(holds: () => boolean | Promise<boolean>, say = () => ''): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end; await sleep(20)) {
    if (await holds()) return;
  }
  throw new Error(`the condition stayed false. ${say()}`);
}
