import type { AnyNode } from 'domhandler';
import type { Turn } from '../turns.ts';
import type { Outline } from './outline.ts';

/**
 * Share of a page's prose from which a word does not mean that it stands beside the main content, on this page: the posts
 * of a forum are of class `comment`.
 */
const MOST = Number(process.env['MOST'] ?? 0.7);

/** What a page has in all, before anything is left out. */
export interface Totals {
  readonly prose: number;
  /** Text outside of links. */
  readonly plain: number;
}

/** Makes the sums of every box those of all that is in it, but for what stands beside the main content. */
export async function sumUp(
  { boxes, asides }: Outline,
  turn: Turn,
): Promise<{ totals: Totals; skip: Set<AnyNode> }> {
  const totals = { prose: 0, plain: 0 };
  for (const { prose, text, links } of boxes) {
    if (turn.isOver) await turn.next();
    totals.prose += prose;
    totals.plain += text - links;
  }

  const skip = new Set<AnyNode>();
  let after = 0;
  for (const { node, index, end, aside } of boxes) {
    if (turn.isOver) await turn.next();
    if (aside === undefined || index < after || (asides.get(aside) ?? 0) > MOST * totals.prose) continue;
    skip.add(node);
    after = end;
  }

  for (const { node, parent, text, links, prose } of boxes.toReversed()) {
    if (turn.isOver) await turn.next();
    if (parent === undefined || skip.has(node)) continue;
    parent.text += text;
    parent.links += links;
    parent.prose += prose;
  }
  return { totals, skip };
}
