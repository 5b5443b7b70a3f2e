import type { ScrapeEngine } from '../scrape/engine.ts';
import { createScrapeUrl } from './scrape-url.ts';
import { createScrapeWithSelector } from './scrape-with-selector.ts';
import type { Tool } from './tool.ts';

export interface ToolsOptions {
  /** Maximum duration of one call, in milliseconds. */
  readonly deadlineMs: number;
  /** Largest page in bytes. @default 1048576 */
  readonly maxPageBytes?: number;
}

/** Every tool of this server, in the order of their names. Tools that are not listed here are not served. */
export function createTools(engine: ScrapeEngine, options: ToolsOptions): readonly Tool[] {
  const { deadlineMs, maxPageBytes } = options;
  const tools = [
    createScrapeUrl(engine, deadlineMs, maxPageBytes),
    createScrapeWithSelector(engine, deadlineMs, maxPageBytes),
  ];
  return tools.sort((a, b) => (a.name < b.name ? -1 : 1));
}
