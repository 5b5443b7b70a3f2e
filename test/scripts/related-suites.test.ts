import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { relatedSuites } from '../../scripts/related-suites.ts';

describe('the suites that depend on a file', () => {
  const root = mkdtempSync(join(tmpdir(), 'mcp-related-'));
  beforeAll(() => {
    const files = {
      'service/one.ts': '',
      'service/two.ts': "import { one } from './one.ts';\n",
      'test/service/one.test.ts': "import { one } from '../../service/one.ts';\n",
      'test/service/two.test.ts': "import { two } from '../../service/two.ts';\n",
      'test/service/later.test.ts': "const { two } = await import('../../service/two.ts');\n",
      'test/service/one.faults.ts': "import { one } from '../../service/one.ts';\n",
      'test/docs/page.test.ts': "read('docs/page.md');\n",
      'test/other.test.ts': '',
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  });
  afterAll(() => rmSync(root, { recursive: true }));

  test.each<[string, object[]]>([
    [
      'service/one.ts',
      [
        { path: 'test/service/one.test.ts', distance: 1 },
        { path: 'test/service/two.test.ts', distance: 2 },
        { path: 'test/service/later.test.ts', distance: 2 },
      ],
    ],
    ['test/other.test.ts', [{ path: 'test/other.test.ts', distance: 0 }]],
    ['docs/page.md', [{ path: 'test/docs/page.test.ts', distance: 1 }]],
    ['LICENSE', []],
  ])('%s', (changed, suites) => {
    const found = relatedSuites(root, [changed]);
    expect(found).toHaveLength(suites.length);
    expect(found).toEqual(expect.arrayContaining(suites));
    expect(found.map(({ distance }) => distance)).toEqual(found.map(({ distance }) => distance).sort());
  });
});

test.each([
  ['service/http/read-body.ts', 'test/service/http/read-body.test.ts'],
  ['infra/constructs/monitoring/monitoring.ts', 'test/infra/monitoring.test.ts'],
  ['infra/rules/container.ts', 'test/infra/rules.test.ts'],
  ['cli/token-list.ts', 'test/cli/token-list.test.ts'],
])('of the suites that depend on %s, %s is the first', (changed, suite) => {
  const root = resolve(import.meta.dirname, '../..');
  expect(relatedSuites(root, [changed])[0]?.path).toBe(suite);
});

test.each([
  ['service/http/audit.ts', 'test/service/http/audit.test.ts'],
  ['infra/rules/container.ts', 'test/infra/rules.test.ts'],
  ['cli/token-list.ts', 'test/cli/token-list.test.ts'],
  ['docs/tokens.md', 'test/cli/tokens.test.ts'],
])('a change of %s runs %s', (changed, suite) => {
  const root = resolve(import.meta.dirname, '../..');
  expect(relatedSuites(root, [changed]).map(({ path }) => path)).toContain(suite);
});
