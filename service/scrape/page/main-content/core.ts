import { type AnyNode, isTag } from 'domhandler';
import type { Turn } from '../../../turns.ts';
import type { Box, Outline, Sums } from './outline.ts';

/** Share of a box's prose from which an inner box replaces it. Lower values lose sections, higher ones add teasers. */
const NEARLY_ALL = 0.8;

/** Shares of the page's prose and non-link text from which a `main` is trusted; some pages have an empty one. */
const BELIEVED_PROSE = 1 / 2;
const BELIEVED_PLAIN = 1 / 4;

/**
 * Factor by which the non-link text of a box may grow when it is widened: to leads and captions, or up to the headline.
 */
const SLACK = 1.2;
const SLACK_TO_HEADLINE = 1.5;

/** Position of the main content. */
export interface Core {
  /** The smallest box with nearly all of the prose. */
  readonly heart: Box;
  /** The chosen box: the heart, or one around it. */
  readonly whole: Box;
  /** The headline, when it precedes that box. */
  readonly headline: Box | undefined;
}

/** Length of text outside of links. */
export function plain({ text, links }: Pick<Sums, 'text' | 'links'>): number {
  return text - links;
}

export async function findCore({ boxes }: Outline, skip: ReadonlySet<AnyNode>, turn: Turn): Promise<Core> {
  const [root] = boxes;
  const headlines: Box[] = [];
  let main: Box | undefined;
  let after = 0;
  for (const box of boxes) {
    if (turn.isOver) await turn.next();
    if (box.index < after || !isTag(box.node)) continue;
    if (skip.has(box.node)) after = box.end;
    else if (box.node.name === 'h1') headlines.push(box);
    else if (isMain(box, root)) main ??= box;
  }

  let heart = main ?? root;
  for (;;) {
    const best = await heaviest(boxes, heart, skip, turn);
    // A box without blocks is a paragraph, and its neighbours are others.
    if (best === undefined || !best.hasBlocks) break;
    if (best.prose === 0 || best.prose < NEARLY_ALL * heart.prose) break;
    heart = best;
  }
  const whole = widen(heart, heart, SLACK);
  if (headlines.some(({ index }) => index >= whole.index && index < whole.end)) {
    return { heart, whole, headline: undefined };
  }
  const headline = headlines.findLast(({ end }) => end <= whole.index);
  if (headline === undefined) return { heart, whole, headline };
  const both = widen(whole, heart, SLACK_TO_HEADLINE, headline);
  return both.index > headline.index
    ? { heart, whole, headline }
    : { heart, whole: both, headline: undefined };
}

function isMain(box: Box, root: Box): boolean {
  return (
    isTag(box.node) &&
    (box.node.name === 'main' || box.node.attribs['role'] === 'main') &&
    box.prose >= BELIEVED_PROSE * root.prose &&
    plain(box) >= BELIEVED_PLAIN * plain(root)
  );
}

/** The widest ancestor with little more text than the heart, or the first that also contains the headline. */
function widen(box: Box, heart: Box, slack: number, headline?: Box): Box {
  let wide = box;
  while (wide.parent !== undefined && plain(wide.parent) <= slack * plain(heart)) {
    if (headline !== undefined && wide.index <= headline.index) break;
    wide = wide.parent;
  }
  return wide;
}

/** The direct child box with the most prose. */
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
