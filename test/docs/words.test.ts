import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { proseOfMarkdown, riddlesOf } from './support/words.ts';

const root = new URL('../../', import.meta.url);

/** Every page of the repository. */
const pages = ['', 'docs/', '.github/', 'doctor/', 'test/'].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: folder !== '', encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => `${folder}${name}`),
);

describe('plain words', () => {
  test('are looked for in every page', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'RUNBOOK.md', 'docs/controls.md']));
  });

  test.each(pages)('%s', (page) => {
    const prose = proseOfMarkdown(readFileSync(new URL(page, root), 'utf8'));
    const found = riddlesOf(prose).map(
      ({ line, words, instead }) => `${page}:${line}: "${words}": write ${instead}`,
    );
    expect(found).toEqual([]);
  });
});

test.each([
  ['It is read by nobody else.', 'nobody else'],
  ['Tasks wait for their\nway out.', 'their way out'],
  ['a certificate of ACM', 'of ACM'],
  ['This alarm hears of it.', 'hears of'],
])('%j is refused', (text, words) => {
  expect(riddlesOf(text)).toMatchObject([{ line: 1, words }]);
});

test.each(['lets in-flight requests finish', 'The client stops the task.', 'Wiring is checked.'])(
  '%j is plain',
  (text) => {
    expect(riddlesOf(text)).toEqual([]);
  },
);

test('code and links are no prose', () => {
  expect(riddlesOf(proseOfMarkdown('See `nobody` and [this](nobody.md).\n```\nnobody\n```\n'))).toEqual([]);
});
