import type { Document, Element } from 'domhandler';
import type { Turn } from '../../../turns.ts';
import { PAGE_LOOK } from '../hidden.ts';
import { walk } from '../walk.ts';
import { asideWord } from './asides.ts';
import { charactersIn } from './characters.ts';
import { createTables } from './tables.ts';

/** Minimum length of a run of text to count as a sentence or code, not a label, in characters. About eight words. */
const LEAST_PROSE = 40;

/** Inline elements. All others, including custom elements, start a block. */
const INLINE = new Set(
  (
    'a abbr acronym b bdi bdo big button cite code data del dfn em font i img ins kbd label mark meter nobr output ' +
    'progress q rb rp rt ruby s samp small span strike strong sub sup time tt u var wbr'
  ).split(' '),
);

/** Lengths of text in characters. */
export interface Sums {
  text: number;
  /** Text in links. */
  links: number;
  /** Text outside of links in runs of a minimum length, which end where a block starts or ends and at two `br`. */
  prose: number;
}

/** A visible element, or the document. */
export interface Box extends Sums {
  readonly node: Element | Document;
  readonly parent: Box | undefined;
  readonly index: number;
  /** Index of the first box after its descendants. */
  end: number;
  /** Whether it contains a block, or two `br` divide its text. */
  hasBlocks: boolean;
  /** Whether it contains an `h1`. */
  hasHeadline: boolean;
  /** Whether it is a data table. */
  isData: boolean;
  /** See `asideWord`. */
  readonly aside: string | undefined;
}

export interface Outline {
  /** In document order; the first is the document. The sums of a box exclude text of boxes inside it. */
  readonly boxes: readonly [Box, ...Box[]];
  /** Sums over all elements with the same `asideWord`. */
  readonly asides: ReadonlyMap<string, Pick<Sums, 'prose' | 'text'>>;
}

/** The boxes of a page. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the functions share the state of one walk
export async function outline(document: Document, turn: Turn): Promise<Outline> {
  const root = createBox(document, undefined, 0, undefined);
  const boxes: [Box, ...Box[]] = [root];
  const asides = new Map<string, Pick<Sums, 'prose' | 'text'>>();
  /** Number of ancestors per aside word. */
  const around = new Map<string, number>();
  const tables = createTables();
  let box: Box = root;
  let run = { text: 0, links: 0 };
  let links = 0;
  let breaks = 0;
  /** Prose so far. */
  let prose = 0;
  let text = 0;

  function endRun(): void {
    if (run.text >= LEAST_PROSE) {
      box.prose += run.text - run.links;
      prose += run.text - run.links;
    }
    run = { text: 0, links: 0 };
    breaks = 0;
  }

  function enter(element: Element): () => void {
    const startsBlock = isBlock(element);
    const isLink = element.name === 'a' && element.attribs['href'] !== undefined;
    if (startsBlock) {
      endRun();
      box.hasBlocks = true;
    }
    const entered = createBox(element, box, boxes.length, startsBlock ? asideWord(element) : undefined);
    boxes.push(entered);
    box = entered;
    tables.enter(element.name);
    if (isLink) links += 1;
    if (element.name === 'h1') markHeadline(entered);
    const leaveAside = entered.aside === undefined ? undefined : enterAside(entered.aside);

    return () => {
      if (startsBlock) endRun();
      if (isLink) links -= 1;
      if (element.name === 'table') entered.isData = tables.leave();
      leaveAside?.();
      entered.end = boxes.length;
      box = entered.parent ?? root;
    };
  }

  function enterAside(word: string): () => void {
    const before = { prose, text };
    const depth = around.get(word) ?? 0;
    around.set(word, depth + 1);
    return () => {
      around.set(word, depth);
      if (depth > 0) return;
      const sum = asides.get(word) ?? { prose: 0, text: 0 };
      asides.set(word, { prose: sum.prose + prose - before.prose, text: sum.text + text - before.text });
    };
  }

  await walk(document.children, PAGE_LOOK, new Set(), turn, {
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
      text += characters;
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

function isBlock({ name }: Element): boolean {
  return !INLINE.has(name);
}

function createBox(
  node: Box['node'],
  parent: Box | undefined,
  index: number,
  aside: string | undefined,
): Box {
  const sums = { text: 0, links: 0, prose: 0 };
  const is = { hasBlocks: false, hasHeadline: false, isData: false };
  return { node, parent, index, end: index + 1, aside, ...sums, ...is };
}

/** Linear in total, because it stops at a box that is already marked. */
function markHeadline(headline: Box): void {
  for (let box: Box | undefined = headline; box !== undefined && !box.hasHeadline; box = box.parent) {
    box.hasHeadline = true;
  }
}
