import { type AnyNode, type ChildNode, type Document, type Element, isTag, isText } from 'domhandler';
import { TEXT_STEP, type Turn } from '../../turns.ts';
import { BoundedText } from './bounded-text.ts';
import { createMatcher } from './match.ts';
import type { ParsedSelector } from './select.ts';

/**
 * Outer HTML of every element that a selector matches, in document order, each on a new line; nested matches are listed
 * too. Empty when nothing matches. The content of a `template` is not part of the document.
 *
 * @param maxBytes of UTF-8 after which it ends; may be exceeded slightly
 * @throws ServiceError `content_too_complex` when matching takes too many steps on this page
 */
export async function outerHtml(
  document: Document,
  selector: ParsedSelector,
  maxBytes: number,
  turn: Turn,
): Promise<string> {
  if (turn.isOver) await turn.next();
  const matches = createMatcher(selector);
  const out = new BoundedText(maxBytes);
  let separator = '';
  await inOrder(document.children, turn, out, {
    async open(element) {
      if (matches(element)) {
        out.write(separator);
        separator = '\n';
        await serialize(element, out, turn);
      }
      return element.name !== 'template';
    },
  });
  return out.take();
}

interface Visitor {
  /** @returns whether to visit the element's children */
  open(element: Element): Promise<boolean>;
  close?(element: Element): void;
  text?(data: string, parent: AnyNode | null): Promise<void>;
}

async function inOrder(
  nodes: readonly ChildNode[],
  turn: Turn,
  out: BoundedText,
  visitor: Visitor,
): Promise<void> {
  const frames: { nodes: readonly ChildNode[]; element?: Element; next: number }[] = [{ nodes, next: 0 }];
  for (let frame = frames.at(-1); frame !== undefined && !out.isFull; frame = frames.at(-1)) {
    if (turn.isOver) await turn.next();
    const node = frame.nodes[frame.next];
    frame.next += 1;
    if (node === undefined) {
      frames.pop();
      if (frame.element !== undefined) visitor.close?.(frame.element);
    } else if (isText(node)) {
      await visitor.text?.(node.data, node.parent);
    } else if (isTag(node)) {
      const isEntered = await visitor.open(node);
      frames.push({ nodes: isEntered ? node.children : [], element: node, next: 0 });
    }
  }
}

/** Elements whose text is neither decoded when parsed nor encoded when written (WHATWG HTML §13.3). */
const RAW = new Set(['style', 'script', 'xmp', 'iframe', 'noembed', 'noframes', 'plaintext']);
const VOID = new Set(
  'area base basefont br col command embed frame hr img input isindex keygen link meta param source track wbr'.split(
    ' ',
  ),
);
const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\u00a0', '&nbsp;'],
]);
const entity = (character: string) => ENTITIES.get(character) ?? character;

async function serialize(root: Element, out: BoundedText, turn: Turn): Promise<void> {
  async function write(text: string, special: RegExp | undefined): Promise<void> {
    for (let at = 0; at < text.length && !out.isFull; at += TEXT_STEP) {
      if (turn.isOver) await turn.next();
      const piece = text.slice(at, at + TEXT_STEP);
      out.write(special === undefined ? piece : piece.replace(special, entity));
    }
  }
  await inOrder([root], turn, out, {
    async open({ name, attribs }) {
      await write(`<${name}`, undefined);
      for (const [key, value] of Object.entries(attribs)) {
        await write(value === '' ? ` ${key}` : ` ${key}="`, undefined);
        if (value === '') continue;
        await write(value, /[&\u00a0"]/g);
        out.write('"');
      }
      out.write('>');
      return !VOID.has(name);
    },
    close({ name }) {
      if (!VOID.has(name)) out.write(`</${name}>`);
    },
    async text(data, parent) {
      const isRaw = parent !== null && isTag(parent) && RAW.has(parent.name);
      await write(data, isRaw ? undefined : /[&<>\u00a0]/g);
    },
  });
}
