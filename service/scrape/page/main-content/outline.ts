import { type AnyNode, type Document, type Element, isTag, isText } from 'domhandler';
import type { Turn } from '../turns.ts';
import { isBlock, isSeen } from './elements.ts';
import { isAside, isUnlikely } from './names.ts';

export interface Box {
  readonly node: Element | Document;
  readonly index: number;
  readonly parent: Box | undefined;
  end: number;
  text: number;
  links: number;
  commas: number;
  /** Text in headings. */
  headings: number;
  lists: number;
  blocks: number;
  paragraphs: number;
  images: number;
  items: number;
  inputs: number;
  hasBlocks: boolean;
  prose: number;
  mass: number;
  score: number;
}

export interface Outline {
  readonly boxes: readonly Box[];
  readonly skip: Set<AnyNode>;
}

const LEAST = 25;
const DIVIDERS = [1, 2, 6, 9, 12];
const PIECE = 16_384;

export async function outline(document: Document, turn: Turn, strict: boolean): Promise<Outline> {
  const boxes: Box[] = [];
  const skip = new Set<AnyNode>();
  let box = open(document, undefined);
  const path: { box: Box; next: number; isBlock: boolean; isLink: boolean }[] = [
    { box, next: 0, isBlock: true, isLink: false },
  ];
  let run = { text: 0, links: 0, commas: 0 };
  let links = 0;
  let headings = 0;
  let lists = 0;
  let breaks = 0;
  let host = box;
  const hosts = [box];

  function open(node: Element | Document, parent: Box | undefined): Box {
    const opened: Box = {
      node,
      index: boxes.length,
      parent,
      end: 0,
      text: 0,
      links: 0,
      commas: 0,
      headings: 0,
      lists: 0,
      blocks: 0,
      paragraphs: 0,
      images: 0,
      items: 0,
      inputs: 0,
      hasBlocks: false,
      prose: 0,
      mass: 0,
      score: 0,
    };
    boxes.push(opened);
    return opened;
  }

  function flush(): void {
    if (run.text >= LEAST) {
      host.prose += (1 + run.commas + Math.min(3, run.text / 100)) * (1 - run.links / run.text);
    }
    run = { text: 0, links: 0, commas: 0 };
    breaks = 0;
  }

  async function addText(data: string): Promise<void> {
    for (let start = 0; start < data.length; start += PIECE) {
      if (turn.isOver) await turn.next();
      const { text, commas } = measure(data, start, Math.min(start + PIECE, data.length));
      if (text === 0) continue;
      breaks = 0;
      box.text += text;
      box.commas += commas;
      run.text += text;
      run.commas += commas;
      if (links > 0) {
        box.links += text;
        run.links += text;
      }
      if (headings > 0) box.headings += text;
      if (lists > 0) box.lists += text;
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
      if (top.isBlock) {
        flush();
        hosts.pop();
        host = hosts.at(-1) ?? host;
        closeBlock(box);
      }
      if (top.isLink) links -= 1;
      const name = isTag(box.node) ? box.node.name : '';
      if (/^h[1-6]$/.test(name)) headings -= 1;
      if (name === 'ul' || name === 'ol') lists -= 1;
      box.end = boxes.length;
      path.pop();
      const parent = box.parent;
      if (parent !== undefined) {
        parent.text += box.text;
        parent.links += box.links;
        parent.commas += box.commas;
        parent.headings += box.headings;
        parent.lists += box.lists;
        parent.paragraphs += box.paragraphs;
        parent.images += box.images;
        parent.items += box.items;
        parent.inputs += box.inputs;
        parent.mass += box.mass;
        parent.blocks += top.isBlock ? box.text : box.blocks;
        box = parent;
      }
    } else if (isText(child)) {
      await addText(child.data);
    } else if (isTag(child)) {
      if (child.name === 'img') box.images += 1;
      if (child.name === 'input' || child.name === 'select' || child.name === 'textarea') box.inputs += 1;
      if (!isSeen(child)) continue;
      if (isAside(child) || (strict && isUnlikely(child))) {
        skip.add(child);
        continue;
      }
      if (child.name === 'br') {
        breaks += 1;
        if (breaks > 1) {
          flush();
          host.hasBlocks = true;
        }
        continue;
      }
      const block = isBlock(child.name);
      box = open(child, box);
      if (block) {
        flush();
        host.hasBlocks = true;
        hosts.push(box);
        host = box;
      }
      const isLink = child.name === 'a' && child.attribs['href'] !== undefined;
      if (isLink) links += 1;
      if (/^h[1-6]$/.test(child.name)) headings += 1;
      if (child.name === 'ul' || child.name === 'ol') lists += 1;
      if (child.name === 'p') box.paragraphs += 1;
      if (child.name === 'li') box.items += 1;
      path.push({ box, next: 0, isBlock: block, isLink });
    }
  }
  return { boxes, skip };
}

function closeBlock(box: Box): void {
  box.mass += box.prose;
  if (box.prose === 0) return;
  let ancestor = box.hasBlocks ? box : box.parent;
  for (const divider of DIVIDERS) {
    if (ancestor === undefined) break;
    ancestor.score += box.prose / divider;
    ancestor = ancestor.parent;
  }
}

function measure(data: string, start: number, end: number): { text: number; commas: number } {
  let text = 0;
  let commas = 0;
  let blank = true;
  for (let index = start; index < end; index++) {
    const code = data.charCodeAt(index);
    if (code <= 32 || code === 0xa0) {
      if (!blank) text += 1;
      blank = true;
      continue;
    }
    blank = false;
    text += code >= 0x2e80 && code < 0xfb00 ? 2 : 1;
    if (code === 0x2c || code === 0xff0c || code === 0x3001 || code === 0x60c || code === 0xfe50) commas += 1;
  }
  return { text, commas };
}
