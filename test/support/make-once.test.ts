import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { keyOf, makeOnce } from './make-once.ts';

const root = mkdtempSync(join(tmpdir(), 'mcp-make-once-'));
afterAll(() => rmSync(root, { recursive: true }));

beforeEach(() => {
  mkdirSync(join(root, 'a/b'), { recursive: true });
  writeFileSync(join(root, 'a/b/one.ts'), '1');
  rmSync(join(root, 'a/two.ts'), { force: true });
  writeFileSync(join(root, 'other.json'), '{}');
});

const key = () => keyOf(['a', 'other.json'], root);

test.each<[string, () => void]>([
  ['the content of a file', () => writeFileSync(join(root, 'a/b/one.ts'), '2')],
  ['a file of a folder', () => writeFileSync(join(root, 'a/two.ts'), '')],
  ['a file that is named', () => writeFileSync(join(root, 'other.json'), '[]')],
])('the key changes with %s', (_what, change) => {
  const before = key();
  expect(key()).toBe(before);
  change();
  expect(key()).not.toBe(before);
});

test('a result is made once, and a failure leaves no folder that counts as a result', () => {
  const name = `test-${process.pid}`;
  const folders: string[] = [];
  const make = () =>
    makeOnce(name, ['package.json'], (folder) => {
      folders.push(folder);
      writeFileSync(join(folder, 'result'), String(folders.length));
      if (folders.length === 1) throw new Error('the first attempt fails');
    });
  expect(make).toThrow('the first attempt fails');
  const made = make();
  try {
    expect(make()).toBe(made);
    expect(readFileSync(join(made, 'result'), 'utf8')).toBe('2');
    expect(folders).toHaveLength(2);
    expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
    expect(basename(made)).toBe(`${name}-${keyOf(['package.json'])}`);
  } finally {
    rmSync(made, { recursive: true });
  }
});
