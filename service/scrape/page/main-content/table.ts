import { isTag } from 'domhandler';
import type { Box } from './outline.ts';

export function isData(box: Box, boxes: readonly Box[]): boolean {
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
