import type { ToolDefinition } from './definition.ts';
import { scrapeUrl } from './scrape-url.ts';
import { scrapeWithSelector } from './scrape-with-selector.ts';

/** Every tool of this server. Tools that are not listed here cannot be served. */
export const tools: readonly ToolDefinition[] = [scrapeUrl, scrapeWithSelector];
