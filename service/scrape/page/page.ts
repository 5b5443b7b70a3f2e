import { ServiceError } from '../../errors.ts';
import type { Page, PageFormat } from '../engine.ts';
import type { Fetched } from '../fetch/guarded-fetch.ts';
import { isHtml, mediaType } from '../fetch/media-type.ts';
import { decode } from './decode.ts';
import { mainContent } from './main-content.ts';
import { outerHtml } from './outer-html.ts';
import { parse } from './parse.ts';
import { render } from './render.ts';
import type { ParsedSelector } from './select.ts';
import { cut, slice } from './slice.ts';
import type { Turn } from './turns.ts';
import { cleanTexts, visibleHtml, visibleShort, visibleText } from './visible-text.ts';

export interface View {
  readonly format: PageFormat;
  /** Keep only what this matches, as outer HTML whatever the format. @default - the whole page */
  readonly selector?: ParsedSelector | undefined;
  /** For text and Markdown: the main content, where the page has one, or all of the page. @default 'page' */
  readonly content?: 'main' | 'page' | undefined;
  /** First character of the content that is wanted, in UTF-16 code units. @default 0 */
  readonly startIndex?: number | undefined;
  /** Most characters that are wanted, in UTF-16 code units. @default - as many as there are */
  readonly maxCharacters?: number | undefined;
  /** Takes secrets out of the title and of the whole content, before that is counted and cut. @default - leaves them */
  readonly redact?: ((text: string) => string) | undefined;
}

/** Bytes converted beyond the bound of the content, so that a secret on its edge is whole and found. */
const SLACK = 4096;

/**
 * A page as it was asked for. HTML is parsed once; `html` is the source as it came, other text is left as it is in
 * every format. The whole content is at most `maxBytes` in UTF-8; of that, the view's slice is given.
 *
 * @throws ServiceError `content_unsupported`, `content_too_complex`, or the reason of the turn's signal
 */
export async function toPage(fetched: Fetched, view: View, maxBytes: number, turn: Turn): Promise<Page> {
  const redact = view.redact ?? ((text) => text);
  const type = mediaType(fetched.contentType);
  const isPage = isHtml(type);
  if (!isPage && view.selector !== undefined) {
    throw new ServiceError('content_unsupported', {
      detail: 'a selector needs an HTML page',
      reason: `selector on ${type.slice(0, 80)}`,
    });
  }
  const source = await decode(fetched.bytes, fetched.contentType, isPage, turn);
  const { title, content } = isPage
    ? await convert(source, view, maxBytes + SLACK, turn)
    : { title: '', content: source };
  if (turn.isOver) await turn.next();
  // Texts of a page were cleaned before; this is for those that are none, and for what a renderer overlooks.
  // Source keeps its character references; they must not bring back what is invisible.
  const isSource = isPage && (view.format === 'html' || view.selector !== undefined);
  const visible = await (isSource ? visibleHtml : visibleText)(content, turn);
  if (turn.isOver) await turn.next();
  const whole = cut(redact(visible), maxBytes);
  const part = slice(whole.text, view.startIndex, view.maxCharacters);
  // What is made of it takes a turn of its own.
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
