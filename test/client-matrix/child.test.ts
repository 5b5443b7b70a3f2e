import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import { run } from '../clients/child.ts';

const node = (script: string, ms = 10_000) => run([process.execPath, '-e', script], {}, tmpdir(), ms);

test('a client that ends returns its output and its exit code', async () => {
  const ended = await node('console.log("out"); console.error("err"); process.exitCode = 3');
  expect(ended).toMatchObject({ code: 3, timedOut: false });
  expect(ended.output.split('\n').sort()).toEqual(['', 'err', 'out']);
});

test('a client that hangs is killed in time, together with its children', async () => {
  const child = 'setInterval(() => {}, 1000)';
  const { output, ...ended } = await node(
    `console.log(require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}]).pid); ${child}`,
    1500,
  );
  expect(ended).toEqual({ code: 'SIGKILL', timedOut: true });
  const pid = Number(output);
  expect(pid).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  // It has ended, or it is a zombie until its parent reads its status.
  expect(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout).toMatch(
    /^(Z.*)?\s*$/,
  );
});

test('output without an end is limited to 4 MiB and one more chunk', async () => {
  const { output } = await node('process.stdout.write("x".repeat(16 * 1024 * 1024))');
  expect(output.length).toBeGreaterThanOrEqual(4 * 1024 * 1024);
  expect(output.length).toBeLessThan(5 * 1024 * 1024);
});

test('a client inherits no environment variable', async () => {
  expect((await node('console.log(Object.keys(process.env).length)')).output).toBe('0\n');
});
