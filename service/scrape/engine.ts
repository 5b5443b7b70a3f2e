import type { OnStep } from '../outgoing/exchange.ts';
import type { OnHost } from '../outgoing/guarded-fetch.ts';

/** Format of the content. */
export type PageFormat = 'html' | 'text' | 'markdown';

export interface PageRequest {
  readonly url: string;
  readonly format: PageFormat;
  /** Keep only elements that match this CSS selector. @default - the whole page */
  readonly selector?: string | undefined;
  /** For text and Markdown: the main content, if the page has one, or the whole page. @default 'page' */
  readonly content?: 'main' | 'page' | undefined;
  /** Index of the first character of the content to return, in UTF-16 code units. @default 0 */
  readonly startIndex?: number | undefined;
  /** Maximum characters to return, in UTF-16 code units. @default - all */
  readonly maxCharacters?: number | undefined;
}

export interface Page {
  /** URL of the content, after redirects. */
  readonly url: string;
  /** HTTP status of the final response. */
  readonly status: number;
  /** Visible text of the document's `title` on one line; empty when it has none. */
  readonly title: string;
  /** The requested slice of the content; no character is split. */
  readonly content: string;
  /** Length of the whole content in UTF-16 code units, whatever slice was requested. */
  readonly totalCharacters: number;
  /** Whether content is missing after the end of `content`, because of a size bound or the requested slice. */
  readonly truncated: boolean;
}

/** Fetches pages. Everything it returns is untrusted third-party text. */
export interface ScrapeEngine {
  /**
   * @param signal ends the work, upstream connection included
   * @throws ServiceError `input_invalid` for text that is not a URL, `url_refused`, `redirect_refused`,
   * `selector_invalid`, `content_unsupported`, `content_too_complex`, `upstream_failed`
   */
  scrape(request: PageRequest, signal: AbortSignal, onStep?: OnStep, onHost?: OnHost): Promise<Page>;
}
