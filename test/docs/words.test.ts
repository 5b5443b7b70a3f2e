import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { proseOfMarkdown, proseOfTypeScript, riddlesOf } from './support/words.ts';

const root = new URL('../../', import.meta.url);

/** Every page of the repository. */
const pages = ['', 'docs/', '.github/', 'doctor/', 'test/'].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: folder !== '', encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => `${folder}${name}`),
);

/** Folders of source code. */
const sources = ['infra', 'service', 'functions', 'cli', 'scripts', 'doctor/src'].filter((folder) =>
  existsSync(new URL(folder, root)),
);

function findingsIn(file: string, prose: (text: string) => string): string[] {
  return riddlesOf(prose(readFileSync(new URL(file, root), 'utf8'))).map(
    ({ line, words, instead }) => `${file}:${line}: "${words}": write ${instead}`,
  );
}

describe('plain words', () => {
  test('are looked for in every page', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'RUNBOOK.md', 'docs/controls.md']));
  });

  test.each(pages)('%s', (page) => {
    expect(findingsIn(page, proseOfMarkdown)).toEqual([]);
  });

  test.each(sources)('the comments and help texts of %s', (folder) => {
    const files = readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.includes('node_modules'),
    );
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap((name) => findingsIn(`${folder}/${name}`, proseOfTypeScript))).toEqual([]);
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

test('comments and help texts of code are prose, its strings are not', () => {
  const code =
    "const nobody = 'nobody'; // nobody\nconst USAGE = `usage: x\nnobody`;\n/** nobody, `nobody` */\n";
  expect(riddlesOf(proseOfTypeScript(code)).map(({ line }) => line)).toEqual([1, 3, 4]);
});
