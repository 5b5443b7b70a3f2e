import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** The files and folders that a fork without the scraper deletes. docs/tools.md has the same list. */
export const SCRAPER: readonly string[] = [
  'service/scrape',
  'service/tools/page-result.ts',
  'service/tools/scrape-url.ts',
  'service/tools/scrape-with-selector.ts',
  'test/content',
  'test/service/scrape',
];

const hasNoScraper = SCRAPER.every((path) => !existsSync(join(ROOT, path)));

/**
 * Whether a file belongs to what this fork has deleted. Pages and lists of the kit still name such files, because a release
 * changes them.
 *
 * @param path from the root
 */
export function isDeleted(path: string): boolean {
  return hasNoScraper && SCRAPER.some((deleted) => path === deleted || path.startsWith(`${deleted}/`));
}
