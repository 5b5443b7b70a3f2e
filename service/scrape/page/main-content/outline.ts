import type { Document, Element } from 'domhandler';
import type { Turn } from '../turns.ts';
import { walk } from '../walk.ts';
import { asideWord } from './asides.ts';
import { charactersIn } from './characters.ts';
import { createTables } from './tables.ts';

/** Characters that text needs, up to the next block, to be a sentence or code and not a label. About eight words. */
const LEAST_PROSE = Number(process.env['LEAST'] ?? 40);

/** Elements that stand in a line of text. All others, also those with names of their own, begin a block. */
const INLINE = new Set(
  (
    'a abbr acronym b bdi bdo big button cite code data del dfn em font i img ins kbd label mark meter nobr output ' +
    'progress q rb rp rt ruby s samp small span strike strong sub sup time tt u var wbr'
  ).split(' '),
);

/** An element that a reader sees, or the document, with sums over all that is in it, in characters. */
export interface Box {
  readonly node: Element | Document;
  readonly parent: Box | undefined;
  readonly index: number;
  /** Index of the first box after those in it. */
  end: number;
  text: number;
  /** Text in links. */
  links: number;
  /** Text outside of links that stands in sentences or code. */
  prose: number;
  /** Whether a block begins in it. */
  hasBlocks: boolean;
  /** Whether it is a table with a header or many cells, and no other table in it. */
  isData: boolean;
  /** See `asideWord`. */
  readonly aside: string | undefined;
}

export interface Outline {
  /** In document order; the first is the document. */
  readonly boxes: readonly [Box, ...Box[]];
  /** Prose in elements with the same `asideWord`. */
  readonly asides: ReadonlyMap<string, number>;
}

/** The boxes of a page, each with the text that stands in no box inside it. */
export async function outline(document: Document, turn: Turn): Promise<Outline> {
  const root = boxOf(document, undefined, 0, undefined);
  const boxes: [Box, ...Box[]] = [root];
  const asides = new Map<string, number>();
  /** Asides around the text, by their word. */
  const around = new Map<string, number>();
  const tables = createTables();
  let box: Box = root;
  let links = 0;
  let breaks = 0;
  let prose = 0;
  let run = { text: 0, links: 0 };

  function endRun(): void {
    breaks = 0;
    if (run.text === 0) return;
    if (run.text >= LEAST_PROSE) {
      box.prose += run.text - run.links;
      prose += run.text - run.links;
    }
    run = { text: 0, links: 0 };
  }

  function enter(element: Element): () => void {
    const { name } = element;
    const startsBlock = isBlock(name);
    const isLink = name === 'a' && element.attribs['href'] !== undefined;
    if (startsBlock) {
      endRun();
      box.hasBlocks = true;
    }
    const entered = boxOf(element, box, boxes.length, asideWord(element));
    const word = entered.aside;
    const before = prose;
    box = entered;
    boxes.push(entered);
    if (isLink) links += 1;
    if (word !== undefined) around.set(word, (around.get(word) ?? 0) + 1);
    tables.enter(name);

    return () => {
      if (startsBlock) endRun();
      if (isLink) links -= 1;
      if (name === 'table') entered.isData = tables.leave();
      if (word !== undefined) {
        const depth = (around.get(word) ?? 1) - 1;
        around.set(word, depth);
        if (depth === 0) asides.set(word, (asides.get(word) ?? 0) + prose - before);
      }
      entered.end = boxes.length;
      box = entered.parent ?? root;
    };
  }

  await walk(document.children, {}, new Set(), turn, {
    element(element) {
      if (element.name !== 'br') return enter(element);
      breaks += 1;
      if (breaks < 2) return undefined;
      endRun();
      box.hasBlocks = true;
      return undefined;
    },
    text(data, from, to) {
      const characters = charactersIn(data, from, to);
      if (characters === 0) return;
      breaks = 0;
      box.text += characters;
      run.text += characters;
      if (links === 0) return;
      box.links += characters;
      run.links += characters;
    },
  });
  endRun();
  root.end = boxes.length;
  return { boxes, asides };
}

function boxOf(
  node: Element | Document,
  parent: Box | undefined,
  index: number,
  aside: string | undefined,
): Box {
  return {
    node,
    parent,
    index,
    end: index + 1,
    text: 0,
    links: 0,
    prose: 0,
    hasBlocks: false,
    isData: false,
    aside,
  };
}

export function isBlock(name: string): boolean {
  return !INLINE.has(name);
}
