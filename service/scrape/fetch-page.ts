import { type Fetched, type FetchOptions, guardedFetch } from '../outgoing/guarded-fetch.ts';
import { VERSION } from '../version.ts';
import { mediaType, refuseMediaType } from './media-type.ts';

/** Headers of every request. They reveal nothing of the caller, the process or the machine. */
export const PAGE_HEADERS = {
  'user-agent': `hardened-mcp/${VERSION} (web page reader)`,
  accept: 'text/html,application/xhtml+xml,text/*;q=0.9,application/json;q=0.8,application/xml;q=0.8',
  'accept-encoding': 'gzip, br',
};

/** A page as it came, with the text still encoded. */
export type FetchedPage = Omit<Fetched, 'headers'>;

/**
 * Fetches a page through the guard: see `guardedFetch`.
 *
 * @throws ServiceError as `guardedFetch` does; `content_unsupported` also for what is neither HTML nor text
 */
export function fetchPage(
  url: string,
  options: Omit<FetchOptions, 'checkType'>,
  signal: AbortSignal,
): Promise<Fetched> {
  const checkType = (contentType: string) => refuseMediaType(mediaType(contentType));
  return guardedFetch(url, { headers: PAGE_HEADERS }, { ...options, checkType }, signal);
}
