import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const root = new URL('../../', import.meta.url);

/** Words that a reader has to read twice, each with plain ones. A blank matches the line break of a comment too. */
const WORDS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\b(no|some|any|every)body\b(?!:)/i, 'no client, an attacker, an administrator, every user'],
  [/\bwho(m|se)?ever\b/i, 'a person who, a principal that'],
  [/(\/\*\*[\s*]*|\/\/\s*)What\b|\b(test|describe)\(\s*['"`]what\b/, 'a subject: "The outcome of a call"'],
  [/\b(the|its|their|a) ways? out\b/i, 'egress'],
  [/\b(re?ings?\b(?= (when|until|if|while|for|within|no|the)\b)|alarms? rings?\b)/i, 'raises an alarm'],
  [/\b(is|are|was|were) had\b/i, 'has, exists'],
  [/\bby its name\b/i, 'by name'],
  [/\bsays? it of\b/i, 'prints it for'],
  [/\bends? so\b/i, 'ends with'],
  [/\b(of ACM|(services?|accounts?|names?|rules?|keys?) of AWS\b(?! [A-Z]))/, 'ACM certificate, AWS account'],
  [/\b(lets? (\w+ )?in\b(?!-| (the|a|an|its|their) )|kept out\b)/i, 'allows, accepts; blocks, refuses'],
  [/\b(hears?|tells?|told) of\b/i, 'is notified of, reports'],
  [/\b(he|his|him|she|her|hers)\b/i, 'it (a client, a caller)'],
  [/\btak(e|es|en|ing) back\b/i, 'revoke'],
  [/\banew\b/i, 'again'],
  [/\bby hand\b/i, 'manually'],
  [/\blets? (it |them )?through\b/i, 'allows'],
  [/\bhand(s|ed)? (it |them |tokens? )?out\b/i, 'issues'],
  [/\bstands? in\b(?! for)/i, 'is in, replaces'],
  [/\bgives? (the )?(them|it|tokens?) out\b/i, 'issues'],
];

/** The words in a text, each with its line. */
function findingsIn(text: string): string[] {
  return WORDS.flatMap(([{ source, flags }, instead]) =>
    [...text.matchAll(new RegExp(source.replaceAll(' ', '[\\s*/]+'), `g${flags}`))].map(
      ({ 0: words, index }) => {
        const line = text.slice(0, index).split('\n').length;
        return `${line}: "${words.replaceAll(/[\s*/]+/g, ' ')}": write ${instead}`;
      },
    ),
  );
}

/** Pages, and all text of sources: comments, strings, names, test titles. */
const FOLDERS = '.ci .github cli docs doctor functions infra scripts service test'.split(' ');
const files = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll('\\', '/')}`,
    ),
  ),
].filter(
  (file) =>
    /(^\.ci\/.*|\.(md|ts|[cm]?js|c|ya?ml|py)|Dockerfile)$/.test(file) &&
    !/node_modules|\/dist\/|^test\/docs\/words\.test\.ts$/.test(file),
);

describe('plain words', () => {
  test.each([...new Set(files.map((file) => file.split('/')[0]))])('%s', (top) => {
    const texts = files.filter((file) => file.split('/')[0] === top);
    const found = texts.flatMap((file) =>
      findingsIn(readFileSync(new URL(file, root), 'utf8')).map((finding) => `${file}:${finding}`),
    );
    expect(found).toEqual([]);
  });

  test.each([
    ['It is read by nobody else.', '1: "nobody"'],
    ['ok\n// Tasks wait for their\n// way out.', '2: "their way out"'],
    ['a certificate of ACM', '1: "of ACM"'],
    ["test('what comes of it', () => {", `1: "test('what"`],
    ['/** What it does. */', '1: " What"'],
    ['const usage = `Whoever calls`;', '1: "Whoever"'],
  ])('%j is refused', (text, finding) => {
    expect(findingsIn(text)).toEqual([expect.stringContaining(finding)]);
  });

  test.each([
    'lets in-flight requests finish',
    'The client stops the task.',
    '// Wiring; what follows is checked.',
  ])('%j is plain', (text) => {
    expect(findingsIn(text)).toEqual([]);
  });
});
