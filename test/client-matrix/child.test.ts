import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import { run } from '../clients/child.ts';

const node = (script: string, ms = 10_000) => run([process.execPath, '-e', script], {}, tmpdir(), ms);

test('a client that ends gives its output and its exit code', async () => {
  const ended = await node('console.log("out"); console.error("err"); process.exitCode = 3');
  expect(ended).toMatchObject({ code: 3, timedOut: false });
  expect(ended.output.split('\n').sort()).toEqual(['', 'err', 'out']);
});

test('a client that hangs is ended in time, with what it has started', async () => {
  const child = 'setInterval(() => {}, 1000)';
  const { output, ...ended } = await node(
    `console.log(require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}]).pid); ${child}`,
    1500,
  );
  expect(ended).toEqual({ code: 'SIGKILL', timedOut: true });
  const pid = Number(output);
  expect(pid).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  // Ended, or waiting for its parent to take note of it.
  expect(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout).toMatch(
    /^(Z.*)?\s*$/,
  );
});

test('a client that prints without end is kept to 4 MiB, and a piece', async () => {
  const { output } = await node('process.stdout.write("x".repeat(16 * 1024 * 1024))');
  expect(output.length).toBeGreaterThanOrEqual(4 * 1024 * 1024);
  expect(output.length).toBeLessThan(5 * 1024 * 1024);
});

test('a client has nothing of this environment', async () => {
  expect((await node('console.log(Object.keys(process.env).length)')).output).toBe('0\n');
});
