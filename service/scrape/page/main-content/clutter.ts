import { type AnyNode, isTag } from 'domhandler';
import type { Turn } from '../../../turns.ts';
import type { Core } from './core.ts';
import type { Box, Outline, Sums } from './outline.ts';

/** Container elements that are left out as one. */
const GROUPS = new Set(['div', 'section', 'header', 'ul', 'ol', 'dl', 'table', 'form', 'fieldset']);

/** Boxes in the main content that lead elsewhere, and their sums. */
export interface Clutter extends Readonly<Sums> {
  readonly nodes: readonly AnyNode[];
}

export async function findClutter(
  { boxes }: Outline,
  { whole, heart }: Core,
  skip: ReadonlySet<AnyNode>,
  turn: Turn,
): Promise<Clutter> {
  const nodes: AnyNode[] = [];
  const sums = { text: 0, links: 0, prose: 0 };
  for (let box = boxes[whole.index + 1]; box !== undefined && box.index < whole.end; ) {
    if (turn.isOver) await turn.next();
    let isDone = skip.has(box.node) || isVerbatim(box);
    if (!isDone && !(box.index <= heart.index && heart.index < box.end) && isClutter(box)) {
      isDone = true;
      nodes.push(box.node);
      sums.text += box.text;
      sums.links += box.links;
      sums.prose += box.prose;
    }
    box = boxes[isDone ? box.end : box.index + 1];
  }
  return { nodes, ...sums };
}

/** Whether links in it are part of its text. */
function isVerbatim({ node, isData }: Box): boolean {
  return isData || (isTag(node) && (node.name === 'pre' || node.name === 'code'));
}

function isClutter({ node, text, links, prose, hasBlocks, hasHeadline }: Box): boolean {
  // A box without blocks is a line or a paragraph.
  if (!isTag(node) || !GROUPS.has(node.name) || !hasBlocks || hasHeadline) return false;
  return links > text / 2 || (node.name === 'form' && prose < text / 2);
}
