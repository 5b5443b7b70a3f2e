import { expect } from '@jest/globals';
import { startProcess } from '../service/support/start-process.ts';
import type { CommandLine, Ended } from './command-lines.ts';

/** Evaluates programs in a single process, which loads what they share once. @returns how each ended, in order */
export async function runCommandLines(
  commandLines: readonly CommandLine[],
  withinMs: number,
): Promise<readonly Ended[]> {
  const program = 'test/cli/command-lines.ts';
  const run = startProcess(process.execPath, ['--import', 'tsx', program, JSON.stringify(commandLines)]);
  expect([await run.exited(withinMs), run.stderr()]).toEqual([0, '']);
  const ended = JSON.parse(run.stdout()) as Ended[];
  expect(ended).toHaveLength(commandLines.length);
  return ended;
}
