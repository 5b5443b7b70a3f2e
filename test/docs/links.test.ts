import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isDeleted } from '../support/deleted.ts';

const root = new URL('../../', import.meta.url);
const docs = readdirSync(new URL('docs', root)).filter((name) => name.endsWith('.md'));
const pages = [
  'README.md',
  'RUNBOOK.md',
  'SECURITY.md',
  'doctor/README.md',
  ...docs.map((name) => `docs/${name}`),
];

/** The anchors that GitHub derives from headings. */
function anchors(page: URL): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(pages)('%s', (name) => {
  const page = new URL(name, root);
  const text = readFileSync(page, 'utf8');

  test('links to existing files and headings', () => {
    for (const [, path = '', anchor] of text.matchAll(/\]\(([\w./-]*)(?:#([\w-]+))?\)/g)) {
      // Pages of GitHub, not files.
      if (path.startsWith('../../')) continue;
      const target = path === '' ? page : new URL(path, page);
      if (isDeleted(target.href.slice(root.href.length))) continue;
      expect([path, existsSync(target)]).toEqual([path, true]);
      if (anchor) expect([path, anchors(target)]).toEqual([path, expect.arrayContaining([anchor])]);
    }
  });

  test('has valid JSON', () => {
    for (const [, json = ''] of text.matchAll(/^```json\n([\s\S]*?)^```$/gm)) {
      if (!json.includes('…')) expect(() => JSON.parse(json)).not.toThrow();
    }
  });

  test('names existing scripts', () => {
    const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
    for (const [, script] of text.matchAll(/npm run (?:-s |--silent )?([a-z][\w:-]*)/g))
      expect(Object.keys(scripts)).toContain(script);
  });
});

test('README has at most 150 lines', () => {
  expect(readFileSync(new URL('README.md', root), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(
    150,
  );
});

test('every page of docs is linked from the README', () => {
  const readme = readFileSync(new URL('README.md', root), 'utf8');
  expect(docs.filter((name) => !readme.includes(`](docs/${name}`))).toEqual([]);
});
