import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until it holds, up to ten seconds. @throws with what there is to say when it does not come to that */
export async function until(holds: () => boolean | Promise<boolean>, say = () => ''): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end; await sleep(20)) {
    if (await holds()) return;
  }
  throw new Error(`it did not come to that. ${say()}`);
}
