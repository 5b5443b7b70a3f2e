import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { coloured } from '../../cli/colour.ts';
import { startProcess } from '../service/support/start-process.ts';

const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  scripts: Record<string, string>;
};
/** Those that run a program of ours, not one of a package. */
const OURS = /^(?:exec )?node --import tsx ([\w/-]+\.ts)(?: \w+)?$/;
const ours = Object.keys(scripts).filter((name) => OURS.test(scripts[name] ?? ''));
/** Time in milliseconds within which the slowest of them, on a busy machine, has loaded what it imports. */
const QUICKLY = 25_000;

describe('--help', () => {
  test('is asked of every program of ours', () => {
    const others = Object.keys(scripts).filter((name) => !ours.includes(name));
    // Of packages; of our programs nothing else is done before their command line is read.
    for (const name of others)
      expect(scripts[name]).toMatch(/^(esbuild|tsc|biome|cdk|node .*jest\.js|npm run --silent)/);
    expect(ours).toEqual(
      expect.arrayContaining(['start', 'stdio', 'call', 'tokens', 'bench', 'container', 'fuzz']),
    );
  });

  test.each(ours)('of npm run %s prints how it is used, and does nothing', async (name) => {
    const run = startProcess('npm', ['run', '--silent', name, '--', '--help']);
    expect(await run.exited(QUICKLY)).toBe(0);
    expect(run.stdout()).toMatch(/^usage: npm /);
    expect(run.stdout()).toMatch(new RegExp(`npm (run (-s )?)?${name}\\b`));
    expect(run.stdout()).not.toContain('\x1b');
    expect(run.stderr().replaceAll(/^npm warn .*\n/gm, '')).toBe('');
  });
});

test.each(ours)(
  'npm run %s refuses an option that it does not have, in a line and not a stack',
  async (name) => {
    const run = startProcess('npm', ['run', '--silent', name, '--', '--no-such-option']);
    expect(await run.exited(QUICKLY)).toBeGreaterThan(0);
    expect(run.stderr()).toContain('no-such-option');
    expect(run.stderr()).not.toMatch(/^\s+at /m);
  },
);

describe('colour', () => {
  const terminal = { isTTY: true, hasColors: () => true };

  test('is for a terminal that has it', () => {
    expect(coloured('red', 'bad', terminal)).toBe('\x1b[31mbad\x1b[39m');
  });

  test.each([{}, { isTTY: false, hasColors: () => true }, { isTTY: true, hasColors: () => false }])(
    'is not for %j',
    (output) => {
      expect(coloured('red', 'bad', output)).toBe('bad');
    },
  );
});
