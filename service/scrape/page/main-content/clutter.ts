import { type AnyNode, isTag } from 'domhandler';
import type { Turn } from '../turns.ts';
import { type Core, plain } from './core.ts';
import type { Box, Outline } from './outline.ts';

const E = (n: string, d: number) => Number(process.env[n] ?? d);
const LINKY = E('D1', 0.3);
const LINKY_LIST = E('D2', 0.8);
const LISTS = new Set(['ul', 'ol', 'dl']);
/** Elements that hold others together, and may be left out as one. */
const GROUPS = new Set([...LISTS, 'form', 'fieldset', 'table', 'div', 'section', 'header']);

/** What in the main content is clutter. */
export interface Clutter {
  readonly nodes: readonly AnyNode[];
  readonly text: number;
  readonly plain: number;
  readonly prose: number;
}

export async function findClutter(
  { boxes }: Outline,
  { whole, heart }: Core,
  skip: ReadonlySet<AnyNode>,
  turn: Turn,
): Promise<Clutter> {
  const nodes: AnyNode[] = [];
  const sum = { text: 0, plain: 0, prose: 0 };
  const next = boxes[whole.index + 1];
  for (let box = next; box !== undefined && box.index < whole.end; ) {
    if (turn.isOver) await turn.next();
    const isAround = box.index <= heart.index && heart.index < box.end;
    const verdict: 'into' | 'keep' | 'leave' = skip.has(box.node) ? 'keep' : isAround ? 'into' : judge(box);
    if (verdict === 'leave') {
      nodes.push(box.node);
      sum.text += box.text;
      sum.plain += plain(box);
      sum.prose += box.prose;
    }
    box = boxes[verdict === 'into' ? box.index + 1 : box.end];
  }
  return { nodes, ...sum };
}

function judge(box: Box): 'into' | 'keep' | 'leave' {
  if (!isTag(box.node)) return 'into';
  const { name } = box.node;
  if (name === 'pre' || name === 'code' || box.isData) return 'keep';
  if (!GROUPS.has(name) || box.text === 0) return 'into';
  if (name === 'form' && box.prose < 0.5 * box.text) return 'leave';
  return box.links > (LISTS.has(name) ? LINKY_LIST : LINKY) * box.text ? 'leave' : 'into';
}
