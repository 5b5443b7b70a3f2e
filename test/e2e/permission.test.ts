import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { ATTEMPTS_SCRIPT, STOPPED } from '../container/permission-attempts.ts';
import { nodeOptions } from '../service/support/deployed-bundle.ts';

/** The outcome of each attempt in a Node with these options. */
function attempted(options: readonly string[]): Record<string, string> {
  const args = [...options, '-e', ATTEMPTS_SCRIPT];
  const printed = execFileSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(printed);
}

describe('a script in the service’s process', () => {
  test('writes, reads and starts nothing, and makes no code from strings', () => {
    expect(attempted(nodeOptions)).toEqual(STOPPED);
  });

  test('makes code from strings without the option that forbids it', () => {
    const options = nodeOptions.filter((option) => option !== '--disallow-code-generation-from-strings');
    expect(attempted(options)).toEqual({
      ...STOPPED,
      'evaluate a string': 'open',
      'make a function of a string': 'open',
    });
  });
});
