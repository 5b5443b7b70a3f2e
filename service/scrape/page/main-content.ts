import type { AnyNode, ChildNode, Document } from 'domhandler';
import { clean } from './main-content/clean.ts';
import { type Box, outline } from './main-content/outline.ts';
import type { Turn } from './turns.ts';

export interface Part {
  /** In document order. */
  readonly roots: readonly ChildNode[];
  readonly skip: ReadonlySet<AnyNode>;
}

const SHARE = Number(process.env['SHARE'] ?? 0.7);

export async function mainContent(document: Document, turn: Turn): Promise<Part | undefined> {
  for (const strict of [true, false]) {
    const { boxes, skip } = await outline(document, turn, strict);
    const root = boxes[0];
    if (root === undefined) return undefined;
    let top = root;
    for (;;) {
      const best = heaviest(boxes, top);
      if (best === undefined || best.mass < SHARE * top.mass || best.mass === 0) break;
      if (!best.hasBlocks) break;
      top = best;
    }
    const removed = await clean(boxes, top, skip, turn);
    if (top.text - removed < 500) continue;
    return { roots: [top.node as ChildNode], skip };
  }
  return undefined;
}

function heaviest(boxes: readonly Box[], parent: Box): Box | undefined {
  let best: Box | undefined;
  for (let index = parent.index + 1; index < parent.end; ) {
    const box = boxes[index];
    if (box === undefined) break;
    if (best === undefined || box.mass > best.mass) best = box;
    index = box.end;
  }
  return best;
}
