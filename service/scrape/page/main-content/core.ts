import { type AnyNode, isTag } from 'domhandler';
import type { Turn } from '../turns.ts';
import type { Box, Outline } from './outline.ts';

const E = (n: string, d: number) => Number(process.env[n] ?? d);
/** Share of the prose of a box that one in it needs to be looked into alone. */
const MOST = E('SHARE', 0.8);
/** Share of the prose that a `main` needs to be believed. */
const BELIEVED = E('MAIN', 0.5);
/** How much more text outside of links there may be in what is around the core, to be taken with it: */
const SLACK = E('ASC', 1.2);
const SLACK_TO_HEADLINE = E('ASCH', 1.5);

/** Where the main content is. */
export interface Core {
  /** The smallest box with nearly all the prose. */
  readonly heart: Box;
  /** What is taken: the heart or a box around it. */
  readonly whole: Box;
  /** The headline, when it stands elsewhere. */
  readonly headline: Box | undefined;
}

export async function findCore(
  { boxes }: Outline,
  skip: ReadonlySet<AnyNode>,
  turn: Turn,
): Promise<Core> {
  const [root] = boxes;
  let main: Box | undefined;
  const headlines: Box[] = [];
  let after = 0;
  for (const box of boxes) {
    if (turn.isOver) await turn.next();
    if (box.index < after) continue;
    if (skip.has(box.node)) after = box.end;
    else if (isTag(box.node)) {
      if (box.node.name === 'h1') headlines.push(box);
      const isMain = box.node.name === 'main' || box.node.attribs['role'] === 'main';
      if (isMain && main === undefined && box.prose >= BELIEVED * root.prose && plain(box) >= 0.25 * plain(root)) main = box;
    }
  }

  let heart = main ?? root;
  for (;;) {
    const best = await heaviest(boxes, heart, skip, turn);
    if (best === undefined || best.prose === 0 || best.prose < MOST * heart.prose || !best.hasBlocks) break;
    heart = best;
  }
  const whole = widen(heart, SLACK * plain(heart));
  const headline = headlines.findLast(({ index }) => index < whole.end);
  if (headline === undefined || headline.index >= whole.index) return { heart, whole, headline: undefined };
  let both = whole;
  while (both.parent !== undefined && both.index > headline.index) both = both.parent;
  if (plain(both) <= SLACK_TO_HEADLINE * plain(heart)) return { heart, whole: both, headline: undefined };
  return { heart, whole, headline };
}

export function plain({ text, links }: Box): number {
  return text - links;
}

function widen(heart: Box, most: number): Box {
  let box = heart;
  while (box.parent !== undefined && plain(box.parent) <= most) box = box.parent;
  return box;
}

async function heaviest(
  boxes: readonly Box[],
  outer: Box,
  skip: ReadonlySet<AnyNode>,
  turn: Turn,
): Promise<Box | undefined> {
  let best: Box | undefined;
  for (let box = boxes[outer.index + 1]; box !== undefined && box.index < outer.end; box = boxes[box.end]) {
    if (turn.isOver) await turn.next();
    if (!skip.has(box.node) && (best === undefined || box.prose > best.prose)) best = box;
  }
  return best;
}
