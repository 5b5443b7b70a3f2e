import { type AnyNode, isTag } from 'domhandler';
import type { Turn } from '../turns.ts';
import { nameOf, weightOf } from './names.ts';
import type { Box } from './outline.ts';

const CONDITIONAL = new Set(['form', 'fieldset', 'table', 'ul', 'ol', 'dl', 'div', 'section', 'header']);

export async function clean(
  boxes: readonly Box[],
  root: Box,
  skip: Set<AnyNode>,
  turn: Turn,
): Promise<number> {
  let removed = 0;
  for (let index = root.index + 1; index < root.end; index++) {
    if (turn.isOver) await turn.next();
    const box = boxes[index];
    if (box === undefined || !isTag(box.node)) continue;
    const { name } = box.node;
    if (name === 'table' && isData(box, boxes)) {
      index = box.end - 1;
      continue;
    }
    if (name === 'pre' || name === 'code') {
      index = box.end - 1;
      continue;
    }
    if (!isSuspicious(box)) continue;
    skip.add(box.node);
    removed += box.text;
    index = box.end - 1;
  }
  return removed;
}

function isData(box: Box, boxes: readonly Box[]): boolean {
  if (isTag(box.node) && box.node.attribs['role'] === 'presentation') return false;
  let rows = 0;
  let cells = 0;
  for (let index = box.index + 1; index < box.end; index++) {
    const node = boxes[index]?.node;
    if (node === undefined || !isTag(node)) continue;
    if (node.name === 'th' || node.name === 'caption' || node.name === 'thead') return true;
    if (node.name === 'table') return false;
    if (node.name === 'tr') rows += 1;
    if (node.name === 'td') cells += 1;
  }
  return rows > 1 && cells > rows && (rows >= 10 || cells > 10);
}

function isSuspicious(box: Box): boolean {
  if (!isTag(box.node)) return false;
  const { name } = box.node;
  if (/(\b|_)(share|sharedaddy)(\b|_)/i.test(nameOf(box.node)) && box.text < 500) return true;
  if (!CONDITIONAL.has(name)) return (name === 'h1' || name === 'h2') && weightOf(box.node) < 0;
  const weight = weightOf(box.node);
  if (weight < 0) return true;
  if (box.commas >= 10 || box.text === 0) return false;
  const density = box.links / box.text;
  const isList = name === 'ul' || name === 'ol' || box.lists > 0.9 * box.text;
  if (!isList && box.items - 100 > box.paragraphs) return true;
  if (box.inputs > box.paragraphs / 3) return true;
  if (!isList && box.headings < 0.9 * box.text && box.text < 25 && density > 0) return true;
  if (!isList && weight < 25 && density > 0.2) return true;
  if (weight >= 25 && density > 0.5) return true;
  if (box.images > 1 && box.paragraphs / box.images < 0.5) return true;
  return false;
}
