import { expect } from '@jest/globals';
import { startProcess } from '../service/support/start-process.ts';
import type { CommandLine, Ended } from './command-lines.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

/**
 * Evaluates programs in a single process, which loads what they share once.
 *
 * @param cwd where the programs are. @default - this repository
 * @returns how each ended, in order
 */
export async function runCommandLines(
  commandLines: readonly CommandLine[],
  withinMs: number,
  cwd = ROOT,
): Promise<readonly Ended[]> {
  const program = ['--import', 'tsx', 'test/cli/command-lines.ts', JSON.stringify(commandLines)];
  const run = startProcess(process.execPath, program, {}, { cwd });
  expect([await run.exited(withinMs), run.stderr()]).toEqual([0, '']);
  const ended = JSON.parse(run.stdout()) as Ended[];
  expect(ended).toHaveLength(commandLines.length);
  return ended;
}
