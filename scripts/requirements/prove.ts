import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_CONTROLS } from './lists.ts';
import { type Mutation, mutationsOf } from './requirement.ts';

const ROOT = join(import.meta.dirname, '../..');
const JEST = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];

/** The text of a file with the mutation applied. @throws Error when the text to replace is not there exactly once */
export function mutated(text: string, { file, from, to }: Mutation): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${from}`);
  return parts.join(to);
}

/** A copy of the source, so that a break-off leaves nothing broken behind. */
function copySource(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-prove-'));
  for (const part of [
    'service',
    'test',
    'infra',
    'functions',
    'scripts',
    'cli',
    'docs',
    '.github',
    'doctor',
  ]) {
    cpSync(join(ROOT, part), join(folder, part), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
  }
  // In a worktree of Git, `.git` is a file.
  const files = readdirSync(ROOT, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name !== '.git',
  );
  for (const { name } of files) cpSync(join(ROOT, name), join(folder, name));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Titles of the tests that failed, of those whose name contains `title`. */
function failures(folder: string, suite: string, title: string): { ran: number; failed: number } {
  const output = join(folder, 'result.json');
  rmSync(output, { force: true });
  const pattern = title.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  spawnSync(
    process.execPath,
    [...JEST, suite, '--testNamePattern', pattern, '--runInBand', '--json', '--outputFile', output],
    { cwd: folder, stdio: 'ignore' },
  );
  const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(readFileSync(output, 'utf8'));
  return { ran: passed + failed, failed };
}

/** Breaks each control in a copy of the source and expects a test of it to fail. @returns whether all did */
export function prove(say: (line: string) => void): boolean {
  const provable = [...ALL_CONTROLS].flatMap(([name, control]) =>
    mutationsOf(control).map((mutation) => {
      const { tests: [first, ...others] = [] } = control;
      const test = [first, ...others].find((each) => each?.[1] === mutation.breaks) ?? first;
      return { name, mutation, test };
    }),
  );
  const folder = copySource();
  try {
    const results = provable.map(({ name, mutation, test: [suite, title] = ['', ''] }) => {
      const path = join(folder, mutation.file);
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, mutated(text, mutation));
      const { ran, failed } = failures(folder, suite, title);
      writeFileSync(path, text);
      const proven = failed > 0;
      say(`${proven ? 'proven    ' : 'NOT PROVEN'} ${name}: ${failed} of ${ran} failed: ${suite}: ${title}`);
      return proven;
    });
    say(`${results.filter(Boolean).length} of ${results.length} mutations of controls made their tests fail`);
    return results.every(Boolean);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
