import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { optionDocs } from '../../../scripts/docs/option-docs.ts';
import { optionTable } from '../../../scripts/docs/option-table.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const PAGE = read('docs/configuration.md');
const SCALING = 'infra/constructs/scaling.ts';

/** The page as it would be with this change of a source file. */
function pageWith(path: string, from: string, to: string): string {
  const source = read(path);
  expect(source).toContain(from);
  return optionTable(optionDocs({ [path]: source.replace(from, to) }));
}

describe('docs/configuration.md', () => {
  test('says what the doc comments say; npm run options writes it', () => {
    expect(optionTable(optionDocs())).toBe(PAGE);
  });

  test('changes with the text, the bounds and the default of an option', () => {
    expect(pageWith(SCALING, 'Tasks that always run, 1–100;', 'Tasks that run, 1–50;')).toContain(
      '| `scaling.minTasks` | Tasks that run, 1–50; below 2, which production refuses, a lost zone or task is an outage. | number, 1–50 | `2` |',
    );
    expect(pageWith(SCALING, '10–90. @default 60', '10–90. @default 50')).not.toBe(PAGE);
  });

  test('does not leave an option out that has no doc comment, or an optional one without a default', () => {
    expect(() => pageWith(SCALING, '/** Average CPU', '/* Average CPU')).toThrow(
      'scaling.cpuPercent has no doc comment',
    );
    expect(() => pageWith(SCALING, '10–90. @default 60', '10–90.')).toThrow(
      'scaling.cpuPercent must have an @default',
    );
  });

  test('has the options within lists and of interfaces that others are made of', () => {
    const paths = optionDocs().map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['secrets.clients[].scopes', 'task.oauth.issuer']));
    expect(new Set(paths).size).toBe(paths.length);
  });
});
