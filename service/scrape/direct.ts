import type { ConnectOptions } from '../outgoing/open.ts';
import { createUrlGuard, type UrlGuardOptions } from '../outgoing/url-guard.ts';
import type { Turns } from '../turns.ts';
import type { ScrapeEngine } from './engine.ts';
import { fetchPage } from './fetch-page.ts';
import { toPage } from './page/page.ts';
import { parseSelector } from './page/select.ts';

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
      const fetched = await fetchPage(url, { ...fetchOptions, onStep, onHost }, signal);
      const turn = turns.begin(signal);
      await turn.next();
      return toPage(fetched, view, maxBytes, turn);
    },
  };
}
