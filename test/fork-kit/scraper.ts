import type { Fork } from './fork.ts';

/** The files and folders that a fork without the scraper deletes. docs/tools.md has the same list. */
export const SCRAPER: readonly string[] = [
  'service/scrape',
  'service/tools/page-result.ts',
  'service/tools/scrape-url.ts',
  'service/tools/scrape-with-selector.ts',
  'test/content',
  'test/service/scrape',
];

/** Deletes the scraper as docs/tools.md says. The stages then serve every tool of the list. */
export function deleteScraper(fork: Fork): void {
  fork.remove(...SCRAPER);
  fork.replace('service/tools/index.ts', /^import \{ scrape.*\n/gm, '');
  fork.replace('service/tools/index.ts', /\[scrape.*\]/, '[]');
  fork.replace('infra/config.ts', /^ {2}scrape_\w+: \{\},\n/gm, '');
  fork.replace('infra/config.ts', / *\/\/ The hosts that the scrape tools.*\n/, '');
  fork.replace('infra/config.ts', /, allowedDomains: \[.*?\]/g, '');
}
