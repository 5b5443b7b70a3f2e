import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '../../../service/errors.ts';
import { toPage, type View } from '../../../service/scrape/page/page.ts';
import { parseSelector } from '../../../service/scrape/page/select.ts';
import { createTurns } from '../../../service/scrape/page/turns.ts';
import { hostile } from './support/hostile-pages.ts';

const MIB = 1024 * 1024;
/** Of CPU: what other suites do meanwhile does not count. Four times the slowest measured; without the bounds some take minutes. */
const MAX_MS = 4000;

/** The slowest, by measurement, in the size SCRAPE_MAX_BYTES has by default. */
const SLOWEST = [
  '120 divs around paragraphs',
  'many elements in chains',
  'many cells in a row',
  'nested tables',
];

const FORMATS: readonly View[] = [{ format: 'html' }, { format: 'text' }, { format: 'markdown' }];
const SELECTORS: readonly View[] = [
  '*',
  ':not(:has(p))',
  '*:has(~ *)',
  'div ~ div ~ div ~ p',
  ':nth-child(2n+1)',
  ':is(p, b, i):not(:first-child):has(+ *) ~ :last-child',
].map((selector) => ({ format: 'html', selector: parseSelector(selector) }));

describe('a hostile page is converted or refused in bounded time, to bounded content', () => {
  // At an eighth of the size for the sake of time; the slowest also in full.
  test.each(hostile(MIB / 8))('%s', (_name, html) => convert(html, FORMATS, MIB / 8, MAX_MS));

  test.each(hostile(MIB).filter(([name]) => SLOWEST.includes(name)))('%s in 1 MiB', (_name, html) =>
    convert(html, [...FORMATS, ...SELECTORS], MIB, MAX_MS),
  );
});

const turns = createTurns();

async function convert(html: string, views: readonly View[], maxBytes: number, maxMs: number): Promise<void> {
  const fetched = {
    url: new URL('http://public.org/'),
    status: 200,
    contentType: 'text/html; charset=utf-8',
    bytes: Buffer.from(html).subarray(0, maxBytes),
    truncated: false,
  };
  for (const view of views) {
    const started = process.cpuUsage();
    try {
      const { content } = await toPage(fetched, view, maxBytes, turns.begin(new AbortController().signal));
      expect(Buffer.byteLength(content)).toBeLessThanOrEqual(maxBytes);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      expect(error.code).toBe('content_too_complex');
    }
    const { user, system } = process.cpuUsage(started);
    const elapsed = (user + system) / 1000;
    if (elapsed > maxMs) throw new Error(`${JSON.stringify(view)} took ${Math.round(elapsed)} ms of CPU`);
  }
}
