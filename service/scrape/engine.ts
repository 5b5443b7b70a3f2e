/** How the text of a page is wanted. */
export type PageFormat = 'html' | 'text' | 'markdown';

export interface PageRequest {
  readonly url: string;
  readonly format: PageFormat;
  /** Keep only what this CSS selector matches. @default - the whole page */
  readonly selector?: string | undefined;
  /** For text and Markdown: the main content, where the page has one, or all of the page. @default 'page' */
  readonly content?: 'main' | 'page' | undefined;
  /** First character of the content that is wanted, in UTF-16 code units. @default 0 */
  readonly startIndex?: number | undefined;
  /** Most characters that are wanted, in UTF-16 code units. @default - as many as there are */
  readonly maxCharacters?: number | undefined;
}

export interface Page {
  /** Where the content came from, after redirects. */
  readonly url: string;
  /** HTTP status of the last answer. */
  readonly status: number;
  /** Text of the document's `title` on one line, without what is not seen; empty when it has none. */
  readonly title: string;
  /** The slice of the content that was asked for; no character of it is cut in two. */
  readonly content: string;
  /** Length of the whole content in UTF-16 code units, however little of it was asked for. */
  readonly totalCharacters: number;
  /** Whether anything is left out after the end of `content`, by a size bound or by what was asked for. */
  readonly truncated: boolean;
}

/** How far a scrape is: the address is known, the connection stands, the answer began, the page is here. */
export type ScrapeStep = 'resolved' | 'connected' | 'answered' | 'received';

/** Hears of each step; with redirects the same steps come again. */
export type OnStep = (step: ScrapeStep) => void;

/** Hears of each host that answered or that a redirect led to, with its port if that is not the scheme's own. */
export type OnHost = (host: string) => void;

/** A way to get pages. Everything it returns is untrusted third-party text. */
export interface ScrapeEngine {
  /**
   * @param signal ends the work, upstream connection included
   * @throws ServiceError `input_invalid` for what is no URL, `url_refused`, `redirect_refused`, `selector_invalid`, `content_unsupported`, `content_too_complex`, `upstream_failed`
   */
  scrape(request: PageRequest, signal: AbortSignal, onStep?: OnStep, onHost?: OnHost): Promise<Page>;
}
