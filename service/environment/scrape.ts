import type { SecretReference } from '../secrets/reference.ts';
import { BOUNDS } from './bounds.ts';
import {
  domain,
  list,
  oneOf,
  origin,
  type Read,
  type Refuse,
  required,
  secret,
  type Unchecked,
  within,
} from './variables.ts';

export interface ScrapeEnvironment {
  /** `direct` fetches from this process; `webscraping-ai` asks that service. @default direct */
  readonly engine: 'direct' | 'webscraping-ai';
  /** Secret reference of the webscraping.ai key; required for that engine. */
  readonly apiKey?: SecretReference;
  /** Hosts that may be scraped: `example.com`, `*.example.com` (any subdomain), `*` (any public host). @default none deployed, `*` local */
  readonly allowedDomains: readonly string[];
  /** Deadline of one scrape in milliseconds, 100–50000, below the load balancer's idle timeout. @default 15000 */
  readonly timeoutMs: number;
  /** Largest page in bytes after decompression, 1024–2097152; the rest is cut off. @default 1048576 */
  readonly maxBytes: number;
  /** Exact private origins the local profile may reach, such as `http://127.0.0.1:9000`. @default none */
  readonly localOrigins: readonly string[];
}

export const SCRAPE_VARIABLES = [
  'SCRAPE_ENGINE',
  'SCRAPE_API_KEY',
  'SCRAPE_ALLOWED_DOMAINS',
  'SCRAPE_TIMEOUT_MS',
  'SCRAPE_MAX_BYTES',
  'SCRAPE_LOCAL_ORIGINS',
] as const;

type ScrapeVariable = (typeof SCRAPE_VARIABLES)[number];

/**
 * Reads the variables of tools with `needs.scrape`. Without such a tool they would have no effect, so each is refused.
 *
 * @param profile whether the service is deployed, whether the allow-list was set to the empty string, which means no host,
 * and whether a tool that is served reads pages
 */
export function readScrape(
  read: Read<ScrapeVariable>,
  refuse: Refuse<ScrapeVariable>,
  profile: { readonly deployed: boolean; readonly none: boolean; readonly used: boolean },
): Unchecked<ScrapeEnvironment> {
  for (const name of SCRAPE_VARIABLES) {
    refuse(name, !profile.used, 'has no effect here, because no tool that is served reads pages; remove it');
  }
  const engine = read('SCRAPE_ENGINE', oneOf('direct', 'webscraping-ai'), 'direct');
  return {
    engine,
    apiKey: read('SCRAPE_API_KEY', secret, engine === 'webscraping-ai' ? required : undefined),
    allowedDomains: read(
      'SCRAPE_ALLOWED_DOMAINS',
      list(domain),
      profile.deployed || profile.none ? [] : ['*'],
    ),
    timeoutMs: read('SCRAPE_TIMEOUT_MS', within(BOUNDS.scrapeTimeoutMs), BOUNDS.scrapeTimeoutMs.default),
    maxBytes: read('SCRAPE_MAX_BYTES', within(BOUNDS.scrapeMaxBytes), BOUNDS.scrapeMaxBytes.default),
    localOrigins: read('SCRAPE_LOCAL_ORIGINS', list(origin), []),
  };
}
