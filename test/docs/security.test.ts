import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const root = new URL('../../', import.meta.url);
const read = (page: string) => readFileSync(new URL(page, root), 'utf8');
const security = read('SECURITY.md');
const [, checklist = ''] = security.split(/^## The checklist$|^## Controls of the stack$/m);
const points = [...checklist.matchAll(/^\| ([^*|][^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].slice(1);

const articles = (page: string) =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );

test('the checklist has all 24 points, each with a file that enforces it and a test that proves it', () => {
  expect(points).toHaveLength(24);
  for (const [, asked, answered, where = '', proof = ''] of points) {
    expect([asked, answered?.trim()]).not.toContain('');
    const files = [...where.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path);
    const tests = [...proof.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);
    expect([asked, files.length > 0, tests.length > 0]).toEqual([asked, true, true]);
    const missing = [...files, ...tests].filter((path) => !existsSync(new URL(path, root)));
    expect([asked, missing]).toEqual([asked, []]);
  }
});

test('SECURITY.md leads to files and headings that exist', () => {
  const links = [...security.matchAll(/\]\(([\w./-]*)(?:#([\w-]+))?\)/g)];
  expect(links.length).toBeGreaterThan(100);
  for (const [, path = '', anchor] of links) {
    // Of the repository's page at GitHub, not of its files.
    if (path.startsWith('../../')) continue;
    expect([path, existsSync(new URL(path, root))]).toEqual([path, true]);
    if (anchor) expect(articles(path || 'SECURITY.md')).toContain(anchor);
  }
});
