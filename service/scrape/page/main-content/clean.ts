import { type AnyNode, isTag } from 'domhandler';
import type { Turn } from '../turns.ts';
import type { Box } from './outline.ts';
import { isData } from './table.ts';

const GROUPS = new Set(['form', 'fieldset', 'table', 'ul', 'ol', 'dl', 'div', 'section', 'header']);
const D1 = Number(process.env['D1'] ?? 0.3);
const D2 = Number(process.env['D2'] ?? 0.5);

export async function clean(
  boxes: readonly Box[],
  root: Box,
  turn: Turn,
): Promise<{ clutter: AnyNode[]; removed: number }> {
  const clutter: AnyNode[] = [];
  let removed = 0;
  for (let index = root.index + 1; index < root.end; index++) {
    if (turn.isOver) await turn.next();
    const box = boxes[index];
    if (box === undefined || !isTag(box.node)) continue;
    const { name } = box.node;
    if (name === 'pre' || name === 'code' || (name === 'table' && isData(box, boxes))) {
      index = box.end - 1;
      continue;
    }
    if (!GROUPS.has(name) || !isClutter(box)) continue;
    clutter.push(box.node);
    removed += box.text - box.links;
    index = box.end - 1;
  }
  return { clutter, removed };
}

function isClutter(box: Box): boolean {
  if (box.text === 0) return false;
  if (box.prose >= 0.5 * box.text && box.prose > 500) return false;
  const density = box.links / box.text;
  if (box.inputs > 0 && box.prose < 200 * box.inputs) return true;
  if (box.text < 25 && density > 0 && box.headings < 0.9 * box.text) return true;
  const name = isTag(box.node) ? box.node.name : '';
  const isList = name === 'ul' || name === 'ol' || name === 'dl';
  return density > (isList ? D2 : D1);
}
