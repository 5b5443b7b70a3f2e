import type { ScrapeEngine } from './engine.ts';
import type { ConnectOptions } from './fetch/connect.ts';
import { guardedFetch } from './fetch/guarded-fetch.ts';
import { createUrlGuard, type UrlGuardOptions } from './fetch/url-guard.ts';
import { toPage } from './page/page.ts';
import { parseSelector } from './page/select.ts';

export interface DirectEngineOptions extends UrlGuardOptions, ConnectOptions {
  /** Largest page in bytes after decompression, and largest content; what is beyond is cut off. */
  readonly maxBytes: number;
}

/** Fetches pages from this process, every hop through the URL guard. */
export function createDirectEngine(options: DirectEngineOptions): ScrapeEngine {
  const { maxBytes } = options;
  const fetchOptions = { ...options, guard: createUrlGuard(options) };
  return {
    async scrape({ url, format, selector }, signal, onStep, onHost) {
      const view = { format, selector: selector === undefined ? undefined : parseSelector(selector) };
      return toPage(await guardedFetch(url, { ...fetchOptions, onStep, onHost }, signal), view, maxBytes);
    },
  };
}
