import type { ScrapeEngine } from '../../../../service/scrape/engine.ts';
import { createScrapeUrl } from '../../../../service/tools/scrape-url.ts';
import { createScrapeWithSelector } from '../../../../service/tools/scrape-with-selector.ts';
import type { Tool } from '../../../../service/tools/tool.ts';

/** The tools that scrape, over an engine of a test. */
export function createScrapers(
  engine: ScrapeEngine,
  { deadlineMs, maxPageBytes }: { readonly deadlineMs: number; readonly maxPageBytes?: number },
): readonly Tool[] {
  return [
    { ...createScrapeUrl(engine, deadlineMs, maxPageBytes), name: 'scrape_url' },
    { ...createScrapeWithSelector(engine, deadlineMs, maxPageBytes), name: 'scrape_with_selector' },
  ] as unknown as readonly Tool[];
}
