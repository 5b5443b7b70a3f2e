import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from '../../cli/arguments.ts';
import { toPage } from '../../service/scrape/page/page.ts';
import { createTurns } from '../../service/turns.ts';
import { compare, type Figures, median } from './figures.ts';

const USAGE = `usage: npm run content:measure -- FOLDER [--content main|page] [--only odd|even] [--words]
Measures how well the main content of pages is found, and prints it as Markdown. FOLDER holds a folder for each page
with its source.html and the main content that is expected of it, expected.html: such as test/test-pages of
github.com/mozilla/readability, which is not a part of this repository.
  --content  page measures the whole page instead. Default main
  --only     every second page: odd to build with, even to check with. Default all
  --words    says which words are too many and which are missing, where one of ten is`;

/** Larger than any page of that corpus, so that no page is cut. */
const MAX_BYTES = 8 * 1024 * 1024;

const { folder, content, only, words } = readArguments(
  USAGE,
  {
    allowPositionals: true,
    options: {
      content: { type: 'string', default: 'main' },
      only: { type: 'string', default: 'all' },
      words: { type: 'boolean', default: false },
    },
  },
  ({ values, positionals: [folder, ...others] }) => {
    if (folder === undefined || others.length > 0) throw new Error('one FOLDER must be given');
    return {
      folder,
      content: oneOf('--content', values.content, ['main', 'page']),
      only: oneOf('--only', values.only, ['all', 'odd', 'even']),
      words: values.words,
    };
  },
);

const turn = createTurns().begin(new AbortController().signal);
const measured: (Figures & { readonly name: string })[] = [];
for (const [index, name] of corpus(folder).entries()) {
  if (only !== 'all' && only !== (index % 2 === 0 ? 'odd' : 'even')) continue;
  const found = await textOf(join(folder, name, 'source.html'), content);
  const expected = await textOf(join(folder, name, 'expected.html'), 'page');
  measured.push({ name, ...compare(found, expected) });
}
process.stdout.write(`${report().join('\n')}\n`);

function oneOf<const T extends string>(option: string, value: string, values: readonly T[]): T {
  const found = values.find((one) => one === value);
  if (found !== undefined) return found;
  throw new Error(`${option} must be one of ${values.join(', ')}, got ${JSON.stringify(value)}`);
}

function corpus(from: string): string[] {
  return readdirSync(from)
    .filter((name) => existsSync(join(from, name, 'expected.html')))
    .sort();
}

async function textOf(file: string, part: 'main' | 'page'): Promise<string> {
  await turn.next();
  const fetched = {
    url: new URL('https://example.com/'),
    status: 200,
    contentType: 'text/html; charset=utf-8',
    bytes: readFileSync(file),
    truncated: false,
  };
  const page = await toPage(fetched, { format: 'text', content: part }, MAX_BYTES, turn);
  return page.content;
}

function report(): string[] {
  const lines = ['| page | words | precision | recall |', '|---|---:|---:|---:|'];
  for (const { name, count, precision, recall } of measured) {
    lines.push(`| ${name} | ${count} | ${precision.toFixed(2)} | ${recall.toFixed(2)} |`);
  }
  lines.push('', '| | precision | recall |', '|---|---:|---:|');
  const row = (title: string, of: (values: readonly number[]) => string) => {
    const [precision, recall] = [measured.map((page) => page.precision), measured.map((page) => page.recall)];
    lines.push(`| ${title} | ${of(precision)} | ${of(recall)} |`);
  };
  row(`median of ${measured.length}`, (values) => median(values).toFixed(3));
  row('mean', (values) => (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3));
  row('below 0.9', (values) => String(values.filter((value) => value < 0.9).length));
  lines.push('', `Worst precision: ${worst('precision')}.`, '', `Worst recall: ${worst('recall')}.`);
  for (const { name, precision, recall, more, missing } of words ? measured : []) {
    if (precision < 0.9) lines.push('', `${name}, too many: ${more.slice(0, 200).join(' ')}`);
    if (recall < 0.9) lines.push('', `${name}, missing: ${missing.slice(0, 200).join(' ')}`);
  }
  return lines;
}

function worst(key: 'precision' | 'recall'): string {
  return [...measured]
    .sort((a, b) => a[key] - b[key])
    .slice(0, 10)
    .map((page) => `${page.name} ${page[key].toFixed(2)}`)
    .join(', ');
}
