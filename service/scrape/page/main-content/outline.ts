import { type AnyNode, type Document, type Element, isTag, isText } from 'domhandler';
import type { Turn } from '../turns.ts';
import { isBlock, isHeading, isSeen } from './elements.ts';
import { isAside, isNamedAside } from './names.ts';
import { charactersIn } from './characters.ts';

/** One element of the page that a reader sees, with sums over all that is in it. Lengths are characters. */
export interface Box {
  readonly node: Element | Document;
  readonly index: number;
  readonly parent: Box | undefined;
  /** Index after that of the last element in it. */
  end: number;
  text: number;
  /** Text in links. */
  links: number;
  /** Text in headings. */
  headings: number;
  /** Text outside of links that stands in runs of some length: sentences and code, not labels. */
  prose: number;
  /** Fields of forms. */
  inputs: number;
  hasBlocks: boolean;
}

export interface Outline {
  /** In document order. The first is the document. */
  readonly boxes: readonly Box[];
  /** What stands beside the main content. */
  readonly skip: Set<AnyNode>;
  readonly headlines: readonly Box[];
  readonly mains: readonly Box[];
}

const LEAST = Number(process.env['LEAST'] ?? 40);
const PIECE = 16_384;

export async function outline(document: Document, turn: Turn, strict: boolean): Promise<Outline> {
  const boxes: Box[] = [];
  const skip = new Set<AnyNode>();
  const headlines: Box[] = [];
  const mains: Box[] = [];
  let box = open(document, undefined);
  const path: { box: Box; next: number; isBlock: boolean; isLink: boolean }[] = [
    { box, next: 0, isBlock: true, isLink: false },
  ];
  let run = { text: 0, links: 0 };
  let links = 0;
  let headings = 0;
  let breaks = 0;

  function open(node: Element | Document, parent: Box | undefined): Box {
    const opened: Box = {
      node,
      index: boxes.length,
      parent,
      end: 0,
      text: 0,
      links: 0,
      headings: 0,
      prose: 0,
      inputs: 0,
      hasBlocks: false,
    };
    boxes.push(opened);
    return opened;
  }

  function flush(): void {
    if (run.text >= LEAST) box.prose += run.text - run.links;
    run = { text: 0, links: 0 };
    breaks = 0;
  }

  async function addText(data: string): Promise<void> {
    for (let start = 0; start < data.length; start += PIECE) {
      if (turn.isOver) await turn.next();
      const text = charactersIn(data, start, Math.min(start + PIECE, data.length));
      if (text === 0) continue;
      breaks = 0;
      box.text += text;
      run.text += text;
      if (links > 0) {
        box.links += text;
        run.links += text;
      }
      if (headings > 0) box.headings += text;
    }
  }

  while (path.length > 0) {
    if (turn.isOver) await turn.next();
    const top = path.at(-1);
    if (top === undefined) break;
    const child = box.node.children[top.next];
    top.next += 1;
    if (child === undefined) {
      // close
      if (top.isBlock) flush();
      if (top.isLink) links -= 1;
      if (isTag(box.node) && isHeading(box.node.name)) headings -= 1;
      box.end = boxes.length;
      path.pop();
      const parent = box.parent;
      if (parent !== undefined) {
        parent.text += box.text;
        parent.links += box.links;
        parent.headings += box.headings;
        parent.inputs += box.inputs;
        parent.prose += box.prose;
        box = parent;
      }
    } else if (isText(child)) {
      await addText(child.data);
    } else if (isTag(child)) {
      if (child.name === 'input' || child.name === 'select' || child.name === 'textarea') box.inputs += 1;
      if (!isSeen(child)) continue;
      if (isAside(child) || (strict && isNamedAside(child))) {
        skip.add(child);
        continue;
      }
      if (child.name === 'br') {
        breaks += 1;
        if (breaks > 1) {
          flush();
          box.hasBlocks = true;
        }
        continue;
      }
      const block = isBlock(child.name);
      if (block) {
        flush();
        box.hasBlocks = true;
      }
      box = open(child, box);
      if (child.name === 'h1') headlines.push(box);
      if (child.name === 'main' || child.attribs['role'] === 'main') mains.push(box);
      const isLink = child.name === 'a' && child.attribs['href'] !== undefined;
      if (isLink) links += 1;
      if (isHeading(child.name)) headings += 1;
      path.push({ box, next: 0, isBlock: block, isLink });
    }
  }
  return { boxes, skip, headlines, mains };
}
