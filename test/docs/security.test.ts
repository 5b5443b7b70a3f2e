import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isDeleted } from '../support/deleted.ts';

const root = new URL('../../', import.meta.url);
const security = readFileSync(new URL('SECURITY.md', root), 'utf8');
const [, checklist = ''] = security.split(/^## The checklist$|^## Rules and policy packs$/m);
const points = [...checklist.matchAll(/^\| ([^*|][^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].slice(1);

test('the checklist has all 24 points, each with a file that enforces it and a test that proves it', () => {
  expect(points).toHaveLength(24);
  for (const [, asked, answered, where = '', proof = ''] of points) {
    expect([asked, answered?.trim()]).not.toContain('');
    const files = [...where.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path);
    const tests = [...proof.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);
    expect([asked, files.length > 0, tests.length > 0]).toEqual([asked, true, true]);
    const missing = [...files, ...tests].filter(
      (path) => !existsSync(new URL(path, root)) && !isDeleted(path),
    );
    expect([asked, missing]).toEqual([asked, []]);
  }
});

test('SECURITY.md has at most 150 lines', () => {
  expect(security.split('\n').length - 1).toBeLessThanOrEqual(150);
});
