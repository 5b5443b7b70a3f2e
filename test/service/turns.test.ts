import { expect, test } from '@jest/globals';
import { createTurns } from '../../service/turns.ts';
import { threadCpuMs } from './support/thread-cpu.ts';

const signal = new AbortController().signal;

function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test('a turn is over after 10 ms of work, and the next one begins', async () => {
  const turn = createTurns().begin(signal);
  await turn.next();
  expect(turn.isOver).toBe(false);
  work(11);
  expect(turn.isOver).toBe(true);
  await turn.next();
  expect(turn.isOver).toBe(false);
});

test('eight conversions at once take turns, and a timer runs between any two', async () => {
  const turns = createTurns();
  const order: number[] = [];
  let longest = 0;
  let last = threadCpuMs();
  const timer = setInterval(() => {
    longest = Math.max(longest, threadCpuMs() - last);
    last = threadCpuMs();
  }, 1);
  await Promise.all(
    [0, 1, 2, 3, 4, 5, 6, 7].map(async (id) => {
      const turn = turns.begin(signal);
      for (let round = 0; round < 3; round += 1) {
        await turn.next();
        order.push(id);
        work(11);
      }
    }),
  );
  clearInterval(timer);
  expect(order).toEqual([0, 1, 2].flatMap(() => [0, 1, 2, 3, 4, 5, 6, 7]));
  // One turn and its surroundings; all eight in one round would take 88.
  expect(longest).toBeLessThan(50);
});

test('an aborted conversion does not wait for the turns of others', async () => {
  const turns = createTurns();
  const controller = new AbortController();
  const order: string[] = [];
  const wait = async (name: string, of: AbortSignal) => {
    await turns
      .begin(of)
      .next()
      .catch(() => {});
    order.push(name);
  };
  const all = [wait('first', signal), wait('second', signal), wait('aborted', controller.signal)];
  controller.abort();
  await Promise.all(all);
  expect(order.indexOf('aborted')).toBeLessThan(order.indexOf('second'));
});

test('an aborted conversion ends at its next turn with the reason', async () => {
  const controller = new AbortController();
  const turn = createTurns().begin(controller.signal);
  await turn.next();
  controller.abort(new Error('gone'));
  await expect(turn.next()).rejects.toThrow('gone');
});
