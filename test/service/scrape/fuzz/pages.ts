import { ServiceError } from '../../../../service/errors.ts';
import { toPage, type View } from '../../../../service/scrape/page/page.ts';
import { parseSelector } from '../../../../service/scrape/page/select.ts';
import { createMeasuredTurns } from '../support/measured-turns.ts';
import { type Chance, createChance, generatePage, SELECTORS } from './page-grammar.ts';

const MIB = 1024 * 1024;
/** Nanoseconds of CPU for each byte; garbage collection may add a constant, which matters for small pages. */
const MAX_NS_PER_BYTE = 2500;
const MAX_MS_OF_ANY = 60;
/** Milliseconds of CPU for the steps of a selector, whatever the page. */
const MAX_SELECTOR_MS = 2000;
const MAX_STRETCH_MS = 50;
/** Characters that a reader of text must never get. */
const CONTROLS = /[^\P{Cc}\t\n]/u;

export interface PagesVerdict {
  readonly problems: readonly string[];
  readonly summary: string;
}

/** Converts random pages, each with its own seed: page `n` of a run is the first page of a run with `seed + n`. */
export async function fuzzPages(pages: number, seed: number): Promise<PagesVerdict> {
  const turns = createMeasuredTurns();
  const problems: string[] = [];
  const refusals = new Map<string, number>();
  let bytesInAll = 0;
  let longest = { ms: 0, seed };
  let slowest = { ns: 0, seed };
  const begun = process.cpuUsage();

  for (let index = 0; index < pages && problems.length < 20; index += 1) {
    const pageSeed = seed + index;
    const chance = createChance(pageSeed);
    const html = generatePage(chance, sizeOf(chance));
    const bytes = Buffer.from(html).subarray(0, MIB);
    const { view, name } = viewOf(chance);
    bytesInAll += bytes.length;
    const problem = (what: string) => {
      problems.push(`--pages 1 --seed ${pageSeed} (${name}): ${what}`);
      process.stderr.write(`${problems.at(-1)}\n`);
    };
    const fetched = {
      url: new URL('http://x.org/'),
      status: 200,
      contentType: 'text/html',
      bytes,
      truncated: false,
    };
    const convert = () => toPage(fetched, view, MIB, turns.begin(new AbortController().signal));
    const started = process.cpuUsage();
    try {
      const page = await convert();
      if (Buffer.byteLength(page.content) > MIB) problem(`${page.content.length} characters`);
      if (!page.content.isWellFormed()) problem('half a character');
      if (CONTROLS.test(page.content)) problem('a control character');
      if (page.totalCharacters < page.content.length) problem(`${page.totalCharacters} characters in all`);
    } catch (error) {
      const code = error instanceof ServiceError ? error.code : undefined;
      if (code !== 'content_too_complex') problem(String((error as Error).stack));
      else refusals.set(code, (refusals.get(code) ?? 0) + 1);
    }
    let ms = cpuSince(started);
    let stretch = turns.longest();
    const allowed =
      MAX_MS_OF_ANY +
      (bytes.length * MAX_NS_PER_BYTE) / 1e6 +
      (view.selector === undefined ? 0 : MAX_SELECTOR_MS);
    // Garbage collection may hit any page, so a page must be slow each time to be a problem.
    for (let again = 0; again < 3 && (ms > allowed || stretch > MAX_STRETCH_MS); again += 1) {
      const start = process.cpuUsage();
      await convert().catch(() => {});
      ms = cpuSince(start);
      stretch = turns.longest();
    }
    if (ms > allowed) problem(`${Math.round(ms)} ms of CPU for ${bytes.length} bytes`);
    if (stretch > MAX_STRETCH_MS) problem(`${Math.round(stretch)} ms of CPU at once, ${bytes.length} bytes`);
    if (stretch > longest.ms) longest = { ms: stretch, seed: pageSeed };
    if (bytes.length > 65_536 && (ms * 1e6) / bytes.length > slowest.ns) {
      slowest = { ns: (ms * 1e6) / bytes.length, seed: pageSeed };
    }
    if (index % 10_000 === 9999) process.stderr.write(`${index + 1} pages, ${problems.length} problems\n`);
  }

  const { user, system } = process.cpuUsage(begun);
  const seconds = Math.round((user + system) / 1e6);
  return {
    problems,
    summary:
      `Node.js ${process.versions.node}, seed ${seed}: ${pages} pages of ${Math.round(bytesInAll / MIB)} MiB in ${seconds} s of CPU, ` +
      `${[...refusals].map(([code, count]) => `${count} ${code}`).join(', ') || 'none refused'}; longest stretch ` +
      `${Math.round(longest.ms)} ms of CPU (seed ${longest.seed}), slowest page above 64 KiB ${Math.round(slowest.ns)} ns a ` +
      `byte (seed ${slowest.seed}); ${problems.length} problems\n`,
  };
}

/** Milliseconds of CPU since then. */
function cpuSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

/** Most pages are small, so that there are many; one in 500 has the maximum size. */
function sizeOf(chance: Chance): number {
  const kind = chance.below(500);
  if (kind === 0) return MIB;
  if (kind < 20) return 16 * 1024 + chance.below(128 * 1024);
  return 1 + chance.below(kind < 200 ? 8 * 1024 : 1024);
}

function viewOf(chance: Chance): { view: View; name: string } {
  const format = chance.pick(['markdown', 'markdown', 'text', 'html', 'selector'] as const);
  const content = chance.pick(['main', 'page'] as const);
  if (format !== 'selector') return { view: { format, content }, name: `${format} ${content}` };
  const selector = chance.pick(SELECTORS);
  return { view: { format: 'html', selector: parseSelector(selector) }, name: selector };
}
