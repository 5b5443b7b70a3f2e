import { ServiceError } from '../../errors.ts';
import { cutText } from '../../well-formed.ts';
import type { Page, PageFormat, PageRequest } from '../engine.ts';
import type { Fetched } from '../fetch/guarded-fetch.ts';
import { isHtml, mediaType } from '../fetch/media-type.ts';
import { cut, decode } from './decode.ts';
import { toMarkdown } from './markdown.ts';
import { parse, titleOf } from './parse.ts';
import { readable } from './readable.ts';
import { outerHtml, type ParsedSelector } from './select.ts';
import { toText } from './text.ts';
import type { Turn } from './turns.ts';
import { visibleHtml, visibleShort, visibleText } from './visible-text.ts';

type WholePage = Omit<Page, 'totalCharacters'>;

export interface View {
  readonly format: PageFormat;
  /** Keep only what this matches, as outer HTML whatever the format. @default - the whole page */
  readonly selector?: ParsedSelector;
}

/**
 * A page as it was asked for. HTML is parsed once; `html` is the source as it came, other text is left as it is in
 * every format. Content is at most `maxBytes` in UTF-8.
 *
 * @throws ServiceError `content_unsupported`, `content_too_complex`
 */
export function toPage(fetched: Fetched, view: View, maxBytes: number): WholePage {
  const type = mediaType(fetched.contentType);
  const source = decode(fetched.bytes, fetched.contentType, isHtml(type));
  const page = { url: fetched.url.href, status: fetched.status, title: '' };
  if (!isHtml(type)) {
    if (view.selector !== undefined) {
      throw new ServiceError('content_unsupported', {
        detail: 'a selector needs an HTML page',
        reason: `selector on ${type.slice(0, 80)}`,
      });
    }
    return { ...page, ...bounded(source, fetched.truncated, maxBytes) };
  }

  const document = parse(source);
  const title = titleOf(document);
  let content: string;
  if (view.selector !== undefined) content = outerHtml(document, view.selector, maxBytes);
  else if (view.format === 'html') content = source;
  else if (view.format === 'text') content = toText(readable(document));
  else content = toMarkdown(readable(document));
  return { ...page, title, ...bounded(content, fetched.truncated, maxBytes) };
}

function bounded(content: string, cutBefore: boolean, maxBytes: number): Pick<Page, 'content' | 'truncated'> {
  const { text, truncated } = cut(content, maxBytes);
  return { content: text, truncated: truncated || cutBefore };
}

/** What is wanted of a page, without what no person sees. A stand-in until toPage does it. */
export async function partOf(page: WholePage, request: PageRequest, turn: Turn): Promise<Page> {
  const { format, selector, startIndex = 0, maxCharacters = page.content.length } = request;
  const clean = format === 'html' || selector !== undefined ? visibleHtml : visibleText;
  const whole = await clean(page.content, turn);
  const content = cutText(whole.slice(startIndex), maxCharacters);
  return {
    ...page,
    title: visibleShort(page.title),
    content,
    totalCharacters: whole.length,
    truncated: page.truncated || startIndex + content.length < whole.length,
  };
}
