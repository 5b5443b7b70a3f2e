import { ServiceError } from '../../errors.ts';
import { quoted } from '../../logging/json-line.ts';
import { visibleHtml, visibleShort, visibleText } from '../../text/visible-text.ts';
import type { Turn } from '../../turns.ts';
import type { Page, PageFormat } from '../engine.ts';
import type { FetchedPage } from '../fetch-page.ts';
import { isHtml, mediaType } from '../media-type.ts';
import { cleanTexts } from './clean-texts.ts';
import { decode } from './decode.ts';
import { mainContent } from './main-content.ts';
import { outerHtml } from './outer-html.ts';
import { parse } from './parse.ts';
import { render } from './render.ts';
import type { ParsedSelector } from './select.ts';
import { cut, slice } from './slice.ts';

export interface View {
  readonly format: PageFormat;
  /** Keep only matching elements, as outer HTML in every format. @default - the whole page */
  readonly selector?: ParsedSelector | undefined;
  /** For text and Markdown: the main content, if the page has one, or the whole page. @default 'page' */
  readonly content?: 'main' | 'page' | undefined;
  /** Index of the first character of the content to return, in UTF-16 code units. @default 0 */
  readonly startIndex?: number | undefined;
  /** Maximum characters to return, in UTF-16 code units. @default - all */
  readonly maxCharacters?: number | undefined;
  /** Removes secrets from the title and the whole content, before it is counted and cut. @default - removes nothing */
  readonly redact?: ((text: string) => string) | undefined;
}

/** Bytes to convert beyond the bound of the content, so that a secret at its edge is complete and found. */
const SLACK = 4096;

/**
 * Converts a page into the requested view. HTML is parsed once; `html` returns the source unchanged, and other text
 * stays as it is in every format. The whole content is at most `maxBytes` in UTF-8; the view's slice of it is returned.
 *
 * @throws ServiceError `content_unsupported`, `content_too_complex`, or the reason of the turn's signal
 */
export async function toPage(fetched: FetchedPage, view: View, maxBytes: number, turn: Turn): Promise<Page> {
  const redact = view.redact ?? ((text) => text);
  const type = mediaType(fetched.contentType);
  const isPage = isHtml(type);
  if (!isPage && view.selector !== undefined) {
    throw new ServiceError('content_unsupported', {
      detail: 'a selector needs an HTML page',
      reason: `selector on ${quoted(type)}`,
    });
  }
  const source = await decode(fetched.bytes, fetched.contentType, isPage, turn);
  const { title, content } = isPage
    ? await convert(source, view, maxBytes + SLACK, turn)
    : { title: '', content: source };
  if (turn.isOver) await turn.next();
  // The texts of a page are clean already. This cleans content that is not a page, and covers a renderer's mistakes.
  // Source keeps its character references, which must not turn into invisible characters.
  const isSource = isPage && (view.format === 'html' || view.selector !== undefined);
  const visible = await (isSource ? visibleHtml : visibleText)(content, turn);
  if (turn.isOver) await turn.next();
  const whole = cut(redact(visible), maxBytes);
  const part = slice(whole.text, view.startIndex, view.maxCharacters);
  // The conversion of the result takes its own turn.
  await turn.next();
  return {
    url: fetched.url.href,
    status: fetched.status,
    title: redact(visibleShort(title)),
    content: part.text,
    totalCharacters: whole.text.length,
    truncated: fetched.truncated || whole.isCut || part.isCut,
  };
}

async function convert(source: string, view: View, maxBytes: number, turn: Turn) {
  const { document, title } = await parse(source, turn);
  const { selector, format } = view;
  if (selector !== undefined) return { title, content: await outerHtml(document, selector, maxBytes, turn) };
  if (format === 'html') return { title, content: source };
  await cleanTexts(document, turn);
  const main = view.content === 'main' ? await mainContent(document, turn) : undefined;
  const part = main ?? { roots: document.children, skip: new Set() };
  return { title, content: await render(part, format === 'markdown', maxBytes, turn) };
}
