import { type Document, DomHandler, type Element, isTag } from 'domhandler';
import { findOne, textContent } from 'domutils';
import { Parser } from 'htmlparser2';
import { ServiceError } from '../../errors.ts';
import { cutText } from '../../well-formed.ts';

/**
 * Bounds of a document, kept while it is parsed. What reads the tree afterwards is at worst as slow as
 * `depth × size` or recurses by depth. Real pages stay below 60 deep and 20,000 elements; see hostile-pages.test.ts
 * for what documents at the bounds cost.
 */
export const MAX_DEPTH = 128;
export const MAX_ELEMENTS = 40_000;
export const MAX_ATTRIBUTES = 120_000;

const MAX_TITLE_LENGTH = 500;

/** Builds the tree without what no reader sees: comments, processing instructions, the doctype. */
class BoundedHandler extends DomHandler {
  #depth = 0;
  #elements = 0;
  #attributes = 0;

  override onopentag(name: string, attribs: Record<string, string>): void {
    this.#depth += 1;
    this.#elements += 1;
    if (this.#depth > MAX_DEPTH) throw tooComplex(`more than ${MAX_DEPTH} levels`);
    if (this.#elements > MAX_ELEMENTS) throw tooComplex(`more than ${MAX_ELEMENTS} elements`);
    super.onopentag(name, attribs);
  }

  override onclosetag(): void {
    this.#depth -= 1;
    super.onclosetag();
  }

  onattribute(): void {
    this.#attributes += 1;
    if (this.#attributes > MAX_ATTRIBUTES) throw tooComplex(`more than ${MAX_ATTRIBUTES} attributes`);
  }

  override oncomment(): void {}
  override oncommentend(): void {}
  override oncdatastart(): void {}
  override oncdataend(): void {}
  override onprocessinginstruction(): void {}
}

/** @throws ServiceError `content_too_complex` beyond the bounds above */
export function parse(html: string): Document {
  const handler = new BoundedHandler();
  const parser = new Parser(handler);
  parser.end(html);
  return handler.root;
}

/** Text of the first `title`, blanks collapsed, at most 500 characters; empty when there is none. */
export function titleOf(document: Document): string {
  const title = findOne((element: Element) => element.name === 'title', document.children);
  if (title === null || !isTag(title)) return '';
  const text = textContent(title)
    .slice(0, 10 * MAX_TITLE_LENGTH)
    .replace(/\s+/g, ' ')
    .trim();
  return cutText(text, MAX_TITLE_LENGTH);
}

export function tooComplex(reason: string): ServiceError {
  return new ServiceError('content_too_complex', { reason });
}
