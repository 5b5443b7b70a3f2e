import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { coloured } from '../../cli/colour.ts';
import { startProcess } from '../service/support/start-process.ts';
import { isDeleted } from '../support/deleted.ts';
import type { CommandLine, Ended } from './command-lines.ts';
import { runCommandLines } from './run-command-lines.ts';

const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  scripts: Record<string, string>;
};
/** Scripts that run a program of ours, not of a package. */
const OURS = /^(?:exec )?node --import tsx ([\w/-]+\.ts)(?: (\w+))?$/;
const ours = Object.keys(scripts).filter((name) => {
  const [, path] = OURS.exec(scripts[name] ?? '') ?? [];
  return path !== undefined && !isDeleted(path);
});
/** Time in milliseconds for a busy machine to load the imports of all programs. */
const QUICKLY = 60_000;

let helped: ReadonlyMap<string, Ended>;
let refused: ReadonlyMap<string, Ended>;

/** Evaluates each program with each option in one process, which loads shared imports once. */
beforeAll(async () => {
  const commandLines = ['--help', '--no-such-option'].flatMap((option) =>
    ours.map((name): CommandLine => {
      const [, path = '', word] = OURS.exec(scripts[name] ?? '') ?? [];
      return { path, args: [word, option].filter((one) => one !== undefined) };
    }),
  );
  const ended = await runCommandLines(commandLines, QUICKLY);
  helped = new Map(ours.map((name, index) => [name, ended[index] as Ended]));
  refused = new Map(ours.map((name, index) => [name, ended[ours.length + index] as Ended]));
}, QUICKLY);

describe('--help', () => {
  test('is tested for every program of ours', () => {
    const others = Object.keys(scripts).filter((name) => !OURS.test(scripts[name] ?? ''));
    // Programs of packages are excluded. Ours read their command line before they do anything.
    for (const name of others)
      expect(scripts[name]).toMatch(/^(esbuild|tsc|biome|cdk|node .*jest\.js|npm run --silent)/);
    expect(ours).toEqual(
      expect.arrayContaining(['start', 'stdio', 'call', 'tokens', 'bench', 'container', 'fuzz']),
    );
  });

  test.each(ours)('of npm run %s prints the usage and does nothing else', (name) => {
    expect(helped.get(name)).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^usage: npm /),
      stderr: '',
    });
    expect(helped.get(name)?.stdout).toMatch(new RegExp(`npm (run (-s )?)?${name}\\b`));
    expect(helped.get(name)?.stdout).not.toContain('\x1b');
  });

  test(
    'reaches a program through npm',
    async () => {
      const run = startProcess('npm', ['run', '--silent', 'call', '--', '--help']);
      expect(await run.exited(QUICKLY)).toBe(0);
      expect(run.stdout()).toBe(helped.get('call')?.stdout);
      expect(run.stderr().replaceAll(/^npm warn .*\n/gm, '')).toBe('');
    },
    QUICKLY,
  );
});

describe('an option that does not exist', () => {
  test.each(ours)('is refused by npm run %s in one line without a stack', (name) => {
    const { status, stderr = '' } = refused.get(name) ?? {};
    expect(status).toBeGreaterThan(0);
    expect(stderr).toContain('no-such-option');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test(
    'is refused through npm with the exit code of the program',
    async () => {
      const run = startProcess('npm', ['run', '--silent', 'tokens', '--', '--no-such-option']);
      expect(await run.exited(QUICKLY)).toBe(refused.get('tokens')?.status);
      expect(run.stderr().replaceAll(/^npm warn .*\n/gm, '')).toBe(refused.get('tokens')?.stderr);
    },
    QUICKLY,
  );
});

describe('colour', () => {
  const terminal = { isTTY: true, hasColors: () => true };

  test('is used on a terminal with colours', () => {
    expect(coloured('red', 'bad', terminal)).toBe('\x1b[31mbad\x1b[39m');
  });

  test.each([{}, { isTTY: false, hasColors: () => true }, { isTTY: true, hasColors: () => false }])(
    'is not used for %j',
    (output) => {
      expect(coloured('red', 'bad', output)).toBe('bad');
    },
  );
});
