import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isDeleted } from '../support/deleted.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/controls.md', root), 'utf8');
const [written = '', rules = ''] = page.split('## Rules of the template');
const rows = [...written.matchAll(/^\| ([^|]*[^|*\s]) \| ([^|]+) \| ([^|]+) \|$/gm)].slice(1);

test('every control of the service and the stack names existing files and tests', () => {
  expect(rows.length).toBeGreaterThanOrEqual(100);
  for (const [, control, where = '', proof = ''] of rows) {
    const files = [...where.matchAll(/\]\(\.\.\/([^)#]+)\)/g)].map(([, path = '']) => path);
    const tests = [...proof.matchAll(/`((?:doctor\/)?test\/[^`*]+)`/g)].map(([, path = '']) => path);
    const proven = tests.length > 0 || /`(?:npm run \w+|(?:doctor\/)?test\/[^`]*\*[^`]*)`/.test(proof);
    expect([control, files.length > 0, proven]).toEqual([control, true, true]);
    const missing = [...files, ...tests].filter(
      (path) => !existsSync(new URL(path, root)) && !isDeleted(path),
    );
    expect(missing).toEqual([]);
  }
});

test('no control is listed twice', () => {
  expect(new Set(rows.map(([, control]) => control)).size).toBe(rows.length);
});

test('the rules are in the marked block that npm run controls writes', () => {
  expect(rules).toMatch(/<!-- rules -->\n[\s\S]*<!-- end of rules -->\n$/);
});
