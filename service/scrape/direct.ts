import type { ScrapeEngine } from './engine.ts';
import type { ConnectOptions } from './fetch/connect.ts';
import { guardedFetch } from './fetch/guarded-fetch.ts';
import { createUrlGuard, type UrlGuardOptions } from './fetch/url-guard.ts';
import { partOf, toPage } from './page/page.ts';
import { parseSelector } from './page/select.ts';
import { createTurns } from './page/turns.ts';

export interface DirectEngineOptions extends UrlGuardOptions, ConnectOptions {
  /** Largest page in bytes after decompression, and largest content; what is beyond is cut off. */
  readonly maxBytes: number;
}

/** Fetches pages from this process, every hop through the URL guard. */
export function createDirectEngine(options: DirectEngineOptions): ScrapeEngine {
  const { maxBytes } = options;
  const fetchOptions = { ...options, guard: createUrlGuard(options) };
  const turns = createTurns();
  return {
    async scrape(request, signal, onStep) {
      const { url, format, selector } = request;
      const view = { format, selector: selector === undefined ? undefined : parseSelector(selector) };
      const page = toPage(await guardedFetch(url, { ...fetchOptions, onStep }, signal), view, maxBytes);
      return partOf(page, request, turns.begin(signal));
    },
  };
}
