import type { ToolDefinition } from './definition.ts';
import { scrapeUrlTool } from './scrape-url.ts';
import { scrapeWithSelectorTool } from './scrape-with-selector.ts';

/** Every tool of this server. Tools that are not listed here cannot be served. */
export const tools: readonly ToolDefinition[] = [scrapeUrlTool, scrapeWithSelectorTool];
