import type { AnyNode } from 'domhandler';
import type { Turn } from '../../../turns.ts';
import type { Outline, Sums } from './outline.ts';

/**
 * Shares of a page's prose and text from which a word does not mean "aside" on this page: forum posts have the class
 * `comment`. Without the second share, the only sentence of a list of links, the footer's, would be the main content.
 */
const MOST_PROSE = 0.7;
const MUCH_TEXT = 0.3;

/** Adds the sums of descendants to every box, without elements outside the main content. */
export async function sumUp(
  { boxes, asides }: Outline,
  turn: Turn,
): Promise<{
  /** Sums of the whole page. */
  totals: Readonly<Sums>;
  /** Elements outside the main content. */
  skip: Set<AnyNode>;
}> {
  const totals = { text: 0, links: 0, prose: 0 };
  for (const box of boxes) {
    if (turn.isOver) await turn.next();
    add(totals, box);
  }

  const isContent = (word: string): boolean => {
    const { prose, text } = asides.get(word) ?? { prose: 0, text: 0 };
    return prose > MOST_PROSE * totals.prose && text > MUCH_TEXT * totals.text;
  };
  const skip = new Set<AnyNode>();
  let after = 0;
  for (const { node, index, end, aside } of boxes) {
    if (turn.isOver) await turn.next();
    if (index < after || aside === undefined || isContent(aside)) continue;
    skip.add(node);
    after = end;
  }

  for (const box of boxes.toReversed()) {
    if (turn.isOver) await turn.next();
    if (box.parent !== undefined && !skip.has(box.node)) add(box.parent, box);
  }
  return { totals, skip };
}

function add(sums: Sums, { text, links, prose }: Readonly<Sums>): void {
  sums.text += text;
  sums.links += links;
  sums.prose += prose;
}
