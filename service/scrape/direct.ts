import type { ScrapeEngine } from './engine.ts';
import type { ConnectOptions } from './fetch/connect.ts';
import { guardedFetch } from './fetch/guarded-fetch.ts';
import { createUrlGuard, type UrlGuardOptions } from './fetch/url-guard.ts';
import { toPage } from './page/page.ts';
import { parseSelector } from './page/select.ts';
import type { Turns } from './page/turns.ts';

export interface DirectEngineOptions extends UrlGuardOptions, ConnectOptions {
  /** Largest page in bytes after decompression, and largest content; the rest is cut off. */
  readonly maxBytes: number;
  /** Shared by all conversions of this process. */
  readonly turns: Turns;
}

/** Fetches pages from this process. The URL guard checks every hop. */
export function createDirectEngine(options: DirectEngineOptions): ScrapeEngine {
  const { maxBytes, turns } = options;
  const fetchOptions = { ...options, guard: createUrlGuard(options) };
  return {
    async scrape({ url, selector, ...asked }, signal, onStep, onHost) {
      const view = { ...asked, selector: selector === undefined ? undefined : parseSelector(selector) };
      const fetched = await guardedFetch(url, { ...fetchOptions, onStep, onHost }, signal);
      const turn = turns.begin(signal);
      await turn.next();
      return toPage(fetched, view, maxBytes, turn);
    },
  };
}
