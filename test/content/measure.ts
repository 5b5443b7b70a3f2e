import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from '../../cli/arguments.ts';
import { mainContent } from '../../service/scrape/page/main-content.ts';
import { parse } from '../../service/scrape/page/parse.ts';
import { createTurns, type Turn } from '../../service/scrape/page/turns.ts';
import { compare, type Figures, median, words } from './figures.ts';
import { seenText, wholeText } from './seen-text.ts';

const USAGE = `usage: npm run content:measure -- FOLDER [--page NAME] [--words] [--only odd|even] [--content main|page]
Measures how well the main content of a page is found, as Markdown. FOLDER holds a folder for each page, with source.html and
expected.html: test/test-pages of github.com/mozilla/readability, which is not part of this repository.
  --content  main: the main content. page: the whole page. Default main
  --only     every second page: odd for building, even for checking. Default both
  --page     one page
  --words    which words are too many and which are missing, for each page with either figure below 0.9`;

const { folder, ...options } = readArguments(
  USAGE,
  {
    allowPositionals: true,
    options: {
      content: { type: 'string', default: 'main' },
      only: { type: 'string' },
      page: { type: 'string' },
      words: { type: 'boolean', default: false },
    },
  },
  ({ values: { content, only, page, words }, positionals: [folder, ...more] }) => {
    if (folder === undefined || more.length > 0) throw new Error('one FOLDER is needed');
    if (!['main', 'page'].includes(content)) throw new Error(`--content is main or page, not "${content}"`);
    if (only !== undefined && !['odd', 'even'].includes(only)) {
      throw new Error(`--only is odd or even, not "${only}"`);
    }
    return { folder, content, only, page, words };
  },
);

const names = readdirSync(folder)
  .filter((name) => existsSync(join(folder, name, 'expected.html')))
  .sort();
const turn = createTurns().begin(new AbortController().signal);
const measured: Figures[] = [];
for (const [index, name] of names.entries()) {
  if (options.page !== undefined && options.page !== name) continue;
  if (options.only !== undefined && options.only !== (index % 2 === 0 ? 'odd' : 'even')) continue;
  measured.push(await measure(name, turn));
}
print(measured);

async function measure(name: string, turn: Turn): Promise<Figures> {
  const read = (file: string) => readFileSync(join(folder, name, file), 'utf8');
  const document = parse(read('source.html'));
  await turn.next();
  const begun = process.cpuUsage();
  const part = options.content === 'main' ? await mainContent(document, turn) : undefined;
  const { user, system } = process.cpuUsage(begun);
  const got = words(await seenText(part ?? { roots: document.children, skip: new Set() }, turn));
  const figures = compare(name, got, words(wholeText(parse(read('expected.html')))));
  return { ...figures, isWhole: part === undefined, milliseconds: (user + system) / 1000 };
}

function print(pages: readonly Figures[]): void {
  const worst = (value: (page: Figures) => number) =>
    [...pages].sort((a, b) => value(a) - value(b)).slice(0, 10);
  const cell = (value: number) => value.toFixed(2);
  const lines = [
    '| page | precision | recall | words | of the page | CPU ms |',
    '|---|---:|---:|---:|---|---:|',
    ...pages.map(
      (page) =>
        `| ${page.name} | ${cell(page.precision)} | ${cell(page.recall)} | ${page.count} | ${page.isWhole ? 'all' : 'main'} | ${page.milliseconds.toFixed(0)} |`,
    ),
    '',
    '| | precision | recall |',
    '|---|---:|---:|',
    `| median of ${pages.length} | ${median(pages.map((page) => page.precision)).toFixed(3)} | ${median(pages.map((page) => page.recall)).toFixed(3)} |`,
    `| mean | ${mean(pages.map((page) => page.precision)).toFixed(3)} | ${mean(pages.map((page) => page.recall)).toFixed(3)} |`,
    `| below 0.9 | ${pages.filter((page) => page.precision < 0.9).length} | ${pages.filter((page) => page.recall < 0.9).length} |`,
    '',
    `Worst precision: ${worst((page) => page.precision)
      .map((page) => `${page.name} ${cell(page.precision)}`)
      .join(', ')}.`,
    `Worst recall: ${worst((page) => page.recall)
      .map((page) => `${page.name} ${cell(page.recall)}`)
      .join(', ')}.`,
    `Longest: ${Math.max(...pages.map((page) => page.milliseconds)).toFixed(0)} ms of CPU.`,
  ];
  if (options.words) {
    for (const page of pages.filter(({ precision, recall }) => Math.min(precision, recall) < 0.9)) {
      lines.push('', `${page.name}: too many: ${page.more}`, `${page.name}: missing: ${page.missing}`);
    }
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
