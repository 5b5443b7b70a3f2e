import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '../../../service/errors.ts';
import { toPage, type View } from '../../../service/scrape/page/page.ts';
import { parseSelector } from '../../../service/scrape/page/select.ts';
import { hostile } from './support/hostile-pages.ts';
import { createMeasuredTurns } from './support/measured-turns.ts';

const MIB = 1024 * 1024;
/** Nanoseconds of CPU for each byte of the page: four times the slowest measured, elements of four bytes each. */
const MAX_NS_PER_BYTE = 4000;
/** Milliseconds of CPU for a page of any size, for compilation meanwhile. */
const MAX_MS_OF_ANY = 50;
/** Milliseconds of CPU for a selector on any page: eight times its steps on an idle machine. */
const MAX_SELECTOR_MS = 4000;
/**
 * Milliseconds of CPU between two turns of the event loop: a turn, and at most the rest of 50 ms for a step that
 * reads 1 MiB at once. Steps in linear time take less on a smaller page.
 */
const maxStretchMs = (bytes: number) => 20 + (30 * bytes) / MIB;
/** A stretch also contains compilation and garbage collection, which a second run does not. */
const ROUNDS = 5;

/** The slowest pages, by measurement, in the default size of SCRAPE_MAX_BYTES. */
const SLOWEST = [
  'blanks in a link target',
  'many elements in chains',
  'many blank elements',
  'many cells in a row',
  '120 levels and many elements',
  'entities in an attribute',
  'one element with many attributes',
  'less-than signs',
  'variables in a colour',
  'styles of one variable many times',
  'many small styles',
  'invisible characters between letters',
  'invisible characters in many texts',
];

const FORMATS: readonly View[] = [
  { format: 'html' },
  { format: 'text' },
  { format: 'markdown' },
  { format: 'markdown', content: 'main' },
];
const SELECTORS: readonly View[] = [
  '*',
  ':not(:has(p))',
  '*:has(~ *)',
  'div ~ div ~ div ~ p',
  ':nth-child(2n+1)',
  ':is(p, b, i):not(:first-child):has(+ *) ~ :last-child',
  `[href*="b${'a'.repeat(400)}"]`,
  `body ${':checked'.repeat(9)}`,
].map((selector) => ({ format: 'html', selector: parseSelector(selector) }));

describe('a hostile page is converted or refused in steps, in linear time, to bounded content', () => {
  // At an eighth of the size to save time; the slowest also at full size.
  test.each(hostile(MIB / 8))('%s', (_name, html) => convert(html, FORMATS, MIB / 8));

  test.each(hostile(MIB).filter(([name]) => SLOWEST.includes(name)))('%s in 1 MiB', (_name, html) =>
    convert(html, [...FORMATS, ...SELECTORS], MIB),
  );
});

describe('1 MiB of any bytes is decoded in steps', () => {
  // A generator by Park and Miller: the same bytes each time.
  let seed = 1;
  const bytes = Uint8Array.from({ length: MIB }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed >> 8;
  });
  // Text that is no page has one way through toPage, whatever the format.
  const decodeText = (contentType: string) => convertBytes(bytes, contentType, [{ format: 'text' }], MIB);

  test.each([
    'utf-8',
    'windows-1252',
    'utf-16le',
    'utf-16be',
    'gb18030',
    'big5',
    'shift_jis',
    'euc-jp',
    'euc-kr',
    'iso-2022-jp',
    'koi8-r',
  ])('in %s', async (charset) => {
    await convertBytes(bytes, `text/html; charset=${charset}`, FORMATS, MIB);
    await decodeText(`text/plain; charset=${charset}`);
  });

  test('without an encoding that is named', () => decodeText('text/plain'));
});

const convert = (html: string, views: readonly View[], maxBytes: number) =>
  convertBytes(Buffer.from(html).subarray(0, maxBytes), 'text/html; charset=utf-8', views, maxBytes);

async function convertBytes(
  bytes: Uint8Array,
  contentType: string,
  views: readonly View[],
  maxBytes: number,
): Promise<void> {
  const fetched = { url: new URL('http://public.org/'), status: 200, contentType, bytes, truncated: false };
  for (const view of views) {
    const allowed =
      MAX_MS_OF_ANY +
      (bytes.length * MAX_NS_PER_BYTE) / 1e6 +
      (view.selector === undefined ? 0 : MAX_SELECTOR_MS);
    let figures = '';
    for (let round = 0; round < ROUNDS; round += 1) {
      const { elapsed, longest } = await measure(fetched, view, maxBytes);
      if (elapsed <= allowed && longest <= maxStretchMs(maxBytes)) {
        figures = '';
        break;
      }
      figures = `${Math.round(elapsed)} ms of CPU, ${Math.round(longest)} ms of it at once`;
    }
    if (figures !== '') throw new Error(`${JSON.stringify(view)} took ${figures}`);
  }
}

async function measure(
  fetched: Parameters<typeof toPage>[0],
  view: View,
  maxBytes: number,
): Promise<{ elapsed: number; longest: number }> {
  const turns = createMeasuredTurns();
  const started = process.cpuUsage();
  try {
    const turn = turns.begin(new AbortController().signal);
    const { content } = await toPage(fetched, view, maxBytes, turn);
    expect(Buffer.byteLength(content)).toBeLessThanOrEqual(maxBytes);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    expect(error.code).toBe('content_too_complex');
  }
  const { user, system } = process.cpuUsage(started);
  return { elapsed: (user + system) / 1000, longest: turns.longest() };
}
