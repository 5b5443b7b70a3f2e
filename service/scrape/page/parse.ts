import { type Document, DomHandler, Element, Text } from 'domhandler';
import { Parser } from 'htmlparser2';
import { ServiceError } from '../../errors.ts';
import type { Turn } from '../../turns.ts';
import { cutText } from '../../well-formed.ts';

/**
 * Bounds of a document, enforced while parsing. They bound its memory, about 60 MiB at worst, and the depth of walks.
 * Real pages stay below 60 levels and 20,000 elements. Text nodes need no bound: without comments two of them are never
 * adjacent, so there are at most twice as many as elements, plus one.
 */
export const MAX_DEPTH = 128;
export const MAX_ELEMENTS = 40_000;
const MAX_ATTRIBUTES = 120_000;
/** Attributes of one element to keep: listing the names of a larger object takes long in one step. */
const MAX_KEPT_ATTRIBUTES = 256;
/** Attributes that are always kept, because they hide text or hold URLs: a page must not push them out with others. */
const ALWAYS_KEPT = new Set(
  (
    'hidden aria-hidden popover open type style bgcolor background color text width height ' +
    'href src alt title start class id role'
  ).split(' '),
);

/** Characters passed to the parser at once: 3 ms of the slowest input, empty attributes. */
const STEP = 8 * 1024;

const MAX_TITLE_LENGTH = 500;

/** Shared by all elements without attributes, which are most: an object without a prototype takes 0.2 µs and 200 bytes. */
const NO_ATTRIBUTES: Record<string, string> = Object.freeze(Object.create(null));

export interface Parsed {
  readonly document: Document;
  /** Text of the first `title`, blanks collapsed, at most 500 characters; empty when there is none. */
  readonly title: string;
}

/** Builds the tree without invisible nodes: comments, processing instructions, the doctype. */
class BoundedHandler extends DomHandler {
  title: Element | undefined;
  #depth = 0;
  #elements = 0;
  #attributes = 0;
  #kept = 0;
  /** Attributes of the opening element, without a prototype, because a page may name an attribute `__proto__`. */
  #attribs: Record<string, string> = Object.create(null);
  readonly #text = new JoinedPieces();

  onopentagname(): void {
    if (this.#kept > 0) this.#attribs = Object.create(null);
    this.#kept = 0;
  }

  onattribute(name: string, value: string): void {
    this.#attributes += 1;
    if (this.#attributes > MAX_ATTRIBUTES) throw tooComplex(`more than ${MAX_ATTRIBUTES} attributes`);
    if (name in this.#attribs) return;
    if (this.#kept >= MAX_KEPT_ATTRIBUTES && !ALWAYS_KEPT.has(name)) return;
    this.#kept += 1;
    this.#attribs[name] = value;
  }

  override onopentag(name: string): void {
    this.#endText();
    this.#depth += 1;
    this.#elements += 1;
    if (this.#depth > MAX_DEPTH) throw tooComplex(`more than ${MAX_DEPTH} levels`);
    if (this.#elements > MAX_ELEMENTS) throw tooComplex(`more than ${MAX_ELEMENTS} elements`);
    const element = new Element(name, this.#kept === 0 ? NO_ATTRIBUTES : this.#attribs);
    if (this.#kept > 0) this.#attribs = Object.create(null);
    this.#kept = 0;
    if (name === 'title') this.title ??= element;
    this.addNode(element);
    this.tagStack.push(element);
  }

  override onclosetag(): void {
    this.#endText();
    this.#depth -= 1;
    super.onclosetag();
  }

  override ontext(data: string): void {
    this.#text.add(data);
  }

  override onend(): void {
    this.#endText();
    super.onend();
  }

  #endText(): void {
    const data = this.#text.take();
    if (data !== '') this.addNode(new Text(data));
  }

  override oncomment(): void {}
  override oncommentend(): void {}
  override oncdatastart(): void {}
  override oncdataend(): void {}
  override onprocessinginstruction(): void {}
}

/**
 * Text that arrives in pieces, possibly single characters. Adding to a string a million times makes a chain that the
 * engine flattens, and the garbage collector follows, in one step.
 */
class JoinedPieces {
  #pieces: string[] = [];
  #joined: string[] = [];

  add(piece: string): void {
    this.#pieces.push(piece);
    if (this.#pieces.length < 1024) return;
    this.#joined.push(this.#pieces.join(''));
    this.#pieces = [];
  }

  take(): string {
    const text = this.#joined.join('') + this.#pieces.join('');
    this.#joined = [];
    this.#pieces = [];
    return text;
  }
}

/** @throws ServiceError `content_too_complex` beyond the bounds above */
export async function parse(html: string, turn: Turn): Promise<Parsed> {
  const handler = new BoundedHandler();
  const parser = new Parser(handler);
  for (let at = 0; at < html.length; at += STEP) {
    if (turn.isOver) await turn.next();
    parser.write(html.slice(at, at + STEP));
  }
  parser.end();
  return { document: handler.root, title: textOf(handler.title) };
}

function textOf(title: Element | undefined): string {
  let text = '';
  for (const child of title?.children ?? []) {
    if (child instanceof Text) text += child.data.slice(0, 10 * MAX_TITLE_LENGTH);
    if (text.length >= 10 * MAX_TITLE_LENGTH) break;
  }
  return cutText(text.replace(/\s+/g, ' ').trim(), MAX_TITLE_LENGTH);
}

export function tooComplex(reason: string): ServiceError {
  return new ServiceError('content_too_complex', { reason });
}
