import { resolve } from 'node:path';
import { tools } from '../../service/tools/index.ts';
import { fixtureBundle, serviceBundle, serviceWithFixtures } from './bundles.ts';

/*
 * The tools that long runs call over the network: fuzz, soak, clients. They are the kit's scrapers. A fork that has deleted
 * these runs the same requests with the tools of the tests, in a copy of its service.
 */

const SCRAPERS = ['scrape_url', 'scrape_with_selector'] as const;

/** Whether this repository has the scrapers, whose pages come in parts and in several formats. */
export const HAS_SCRAPER = SCRAPERS.every((scraper) => tools.some(({ name }) => name === scraper));

/** The tools that a client of the scope `scrape` must list. */
export const LISTED: readonly string[] = HAS_SCRAPER ? SCRAPERS : ['fetch_page'];
/** The one that takes the URL of a page. */
export const PAGE_TOOL = HAS_SCRAPER ? 'scrape_url' : 'fetch_page';

/** The folder of the service to start with the commands of package.json. */
export function servedFolder(): string {
  return HAS_SCRAPER ? resolve(import.meta.dirname, '../..') : serviceWithFixtures();
}

/** The program as it is deployed. */
export function servedBundle(): string {
  return HAS_SCRAPER ? serviceBundle() : fixtureBundle();
}
