import type { ScrapeEngine } from '../scrape/engine.ts';
import { createScrapeUrl } from './scrape-url.ts';
import { createScrapeWithSelector } from './scrape-with-selector.ts';
import type { Tool } from './tool.ts';

/** Every tool of this server, in the order of their names. A tool that is not listed here does not exist. */
export function createTools(engine: ScrapeEngine, options: { readonly deadlineMs: number }): readonly Tool[] {
  const { deadlineMs } = options;
  const tools = [createScrapeUrl(engine, deadlineMs), createScrapeWithSelector(engine, deadlineMs)];
  return tools.sort((a, b) => (a.name < b.name ? -1 : 1));
}
