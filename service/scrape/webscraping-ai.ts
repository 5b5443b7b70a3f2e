import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../errors.ts';
import type { Gathered } from '../gather.ts';
import { field } from '../json-field.ts';
import { abortable } from '../outgoing/abortable.ts';
import { readBody } from '../outgoing/body.ts';
import { exchange } from '../outgoing/exchange.ts';
import type { ConnectOptions } from '../outgoing/open.ts';
import { addressLiteral, createUrlGuard } from '../outgoing/url-guard.ts';
import { createWire } from '../outgoing/wire.ts';
import type { Turns } from '../turns.ts';
import type { ScrapeEngine } from './engine.ts';
import { type FetchedPage, PAGE_HEADERS } from './fetch-page.ts';
import { mediaType, refuseMediaType } from './media-type.ts';
import { toPage } from './page/page.ts';
import { parseSelector } from './page/select.ts';

/** Origin of the API; the stack's DNS firewall allows this name. */
const API_ORIGIN = 'https://api.webscraping.ai';
/** Longest time that the API spends on one page, in milliseconds (its parameter `timeout`, API version 3.2.0). */
const MAX_API_TIMEOUT_MS = 30_000;
/** Bytes of an error response to read. */
const MAX_ERROR_BYTES = 64 * 1024;

export interface WebScrapingAiEngineOptions extends ConnectOptions {
  /** Returns the API key; called at every scrape so that a rotated key is used at once. */
  readonly apiKey: () => Promise<string>;
  /** Hosts that may be scraped: `example.com`, `*.example.com` (any subdomain), `*` (any public host). */
  readonly allowedDomains: readonly string[];
  /** Deadline of one scrape in milliseconds; the API is told to give up by then. */
  readonly timeoutMs: number;
  /** Largest page in bytes, and largest content; the rest is cut off. */
  readonly maxBytes: number;
  /** Shared by all conversions of this process. */
  readonly turns: Turns;
  /** Origin of the API; https, or http on a loopback address. @default https://api.webscraping.ai */
  readonly baseUrl?: string;
}

/**
 * Fetches pages through WebScraping.AI, with JavaScript executed. Only its `/html` endpoint is used: rendering and
 * selection happen in this service, so that both engines respond alike. The API does not report everything, so:
 *
 * - `status` is 200 for every success: the API does not forward the page's status, and is told to fail if the page
 *   responds 404, as it does for other errors. Such a failure is `upstream_failed` with both statuses in its reason.
 * - `url` is the requested URL. With an allow-list of domains the API is told to fail on a redirect, because it would
 *   follow it to any domain.
 *
 * @throws Error when `baseUrl` would send the key unencrypted over a network
 */
export function createWebScrapingAiEngine(options: WebScrapingAiEngineOptions): ScrapeEngine {
  const { allowedDomains, maxBytes, turns } = options;
  const baseUrl = parseBaseUrl(options.baseUrl ?? API_ORIGIN);
  const guard = createUrlGuard({ allowedDomains });

  function endpoint(target: URL, key: string): URL {
    const url = new URL('/html', baseUrl);
    url.search = new URLSearchParams({
      api_key: key,
      url: target.href,
      js: 'true',
      format: 'text',
      timeout: String(Math.min(MAX_API_TIMEOUT_MS, Math.max(1, options.timeoutMs))),
      error_on_404: 'true',
      error_on_redirect: String(!allowedDomains.includes('*')),
    }).toString();
    return url;
  }

  async function take(target: URL, key: string, response: IncomingMessage): Promise<FetchedPage> {
    if (response.statusCode !== 200) throw await failure(response);
    const contentType = response.headers['content-type'] ?? '';
    // Slightly more than is kept, so that a key at the edge is complete and found.
    const { bytes, truncated } = await readText(response, maxBytes + 3 * key.length);
    const [, charset = 'utf-8'] = /;\s*charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(contentType) ?? [];
    return {
      url: target,
      status: 200,
      contentType: `text/html; charset=${charset}`,
      bytes: Buffer.from(scrub(bytes.toString('latin1'), key), 'latin1'),
      truncated: truncated || bytes.length > maxBytes,
    };
  }

  return {
    async scrape({ url, selector, ...asked }, signal, onStep, onHost) {
      const parsed = selector === undefined ? undefined : parseSelector(selector);
      const target = guard.check(url);
      const key = await abortable(options.apiKey(), signal);
      if (key === '')
        throw new ServiceError('secret_unavailable', { reason: 'webscraping-ai: the key is empty' });
      const addresses = await abortable(resolve(baseUrl), signal);
      onStep?.('resolved');
      const fetched = await exchange(
        endpoint(target, key),
        addresses,
        { headers: PAGE_HEADERS },
        signal,
        { ...options, onStep, wire: createWire(maxBytes) },
        (response) => take(target, key, response),
      );
      // The final host is only known if the API had to fail on a redirect.
      if (!allowedDomains.includes('*')) onHost?.(target.host);
      onStep?.('received');
      const turn = turns.begin(signal);
      await turn.next();
      const view = { ...asked, selector: parsed, redact: (text: string) => scrub(text, key) };
      return toPage(fetched, view, maxBytes, turn);
    },
  };
}

function parseBaseUrl(text: string): URL {
  const url = new URL(text);
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
    throw new Error(`baseUrl must be https, or http on a loopback address, got ${url.origin}`);
  }
  return url;
}

async function resolve(url: URL): Promise<readonly string[]> {
  const literal = addressLiteral(url);
  if (literal !== undefined) return [literal];
  try {
    return (await lookup(url.hostname, { all: true })).map(({ address }) => address);
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException;
    throw new ServiceError('upstream_failed', { reason: `webscraping-ai: dns ${code}` });
  }
}

/** Reads a text body. A refusal does not repeat the offending header, which could contain the key in any spelling. */
async function readText(response: IncomingMessage, maxBytes: number): Promise<Gathered> {
  try {
    refuseMediaType(mediaType(response.headers['content-type'] ?? ''));
    return await readBody(response, maxBytes);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new ServiceError(error.code, {
      reason: 'webscraping-ai answered with other than plain text or HTML',
    });
  }
}

/** The API's errors are JSON with the page's status in `status_code`; nothing else of them is repeated. */
async function failure(response: IncomingMessage): Promise<ServiceError> {
  let page = '';
  try {
    const { bytes } = await readBody(response, MAX_ERROR_BYTES);
    const status = field(JSON.parse(bytes.toString('utf8')), 'status_code');
    if (Number.isInteger(status)) page = `, the page ${String(status)}`;
  } catch {
    // The status of the response is enough.
  }
  return new ServiceError('upstream_failed', {
    reason: `webscraping-ai answered ${response.statusCode}${page}`,
  });
}

/** Removes the key from the response: plain, URL-encoded, and Markdown-escaped. */
function scrub(text: string, key: string): string {
  const spellings = [key, encodeURIComponent(key), key.replace(/[\\*`[\]_]/g, '\\$&')];
  return spellings.reduce((scrubbed, spelling) => scrubbed.replaceAll(spelling, '[redacted]'), text);
}
