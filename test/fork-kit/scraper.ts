import { SCRAPER } from '../support/deleted.ts';
import type { Fork } from './fork.ts';

/** Deletes the scraper as docs/tools.md says. The stages then serve every tool of the list. */
export function deleteScraper(fork: Fork): void {
  fork.remove(...SCRAPER);
  fork.replace('service/tools/index.ts', /^import \{ scrape.*\n/gm, '');
  fork.replace('service/tools/index.ts', /\[scrape.*\]/, '[]');
  fork.replace('infra/config.ts', /^ {2}scrape_\w+: \{\},\n/gm, '');
  fork.replace('infra/config.ts', / *\/\/ The hosts that the scrape tools.*\n/, '');
  fork.replace('infra/config.ts', /, allowedDomains: \[.*?\]/g, '');
}
