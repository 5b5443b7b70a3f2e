import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { checkPages, FOLDER } from '../scripts/pages.ts';
import { ALL_CHECKS } from '../src/all-checks.ts';

test('there is a current page for each check, and no other; npm run doctor:pages writes them', () => {
  const pages = checkPages(ALL_CHECKS);
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  expect(files.sort()).toEqual([...pages.keys()].sort());
  const isCurrent = (path: string, text: string) =>
    existsSync(join(FOLDER, path)) && readFileSync(join(FOLDER, path), 'utf8') === text;
  expect([...pages].filter(([path, text]) => !isCurrent(path, text)).map(([path]) => path)).toEqual([]);
});
