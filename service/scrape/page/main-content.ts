import type { AnyNode, ChildNode, Document } from 'domhandler';
import { clean } from './main-content/clean.ts';
import { type Box, type Outline, outline } from './main-content/outline.ts';
import type { Turn } from './turns.ts';

export interface Part {
  /** In document order. */
  readonly roots: readonly ChildNode[];
  readonly skip: ReadonlySet<AnyNode>;
}

const E = (n: string, d: number) => Number(process.env[n] ?? d);
const SHARE = E('SHARE', 0.8);
const MAIN = E('MAIN', 0.5);
const PLAIN = E('PLAIN', 0);
const ASC = E('ASC', 1.2);
const ASCH = E('ASCH', 1.5);
const LOOSE = E('LOOSE', 0.5);
const SURE = E('SURE', 0.25);
const UNDO = E('UNDO', 0.5);

export async function mainContent(document: Document, turn: Turn): Promise<Part | undefined> {
  const loose = await outline(document, turn, false);
  const strict = await outline(document, turn, true);
  const all = loose.boxes[0];
  const most = strict.boxes[0];
  if (all === undefined || most === undefined) return undefined;
  const plan = most.prose < LOOSE * all.prose || plain(most) < SURE * plain(all) ? loose : strict;
  const root = plan === loose ? all : most;
  let top = plan.mains.find((main) => main.prose >= MAIN * root.prose && plain(main) >= 0.25 * plain(root)) ?? root;
  for (;;) {
    const best = heaviest(plan, top);
    if (best === undefined || best.prose < SHARE * top.prose || best.prose === 0) break;
    if (!best.hasBlocks) break;
    if (plain(best) < PLAIN * plain(top)) break;
    top = best;
  }
  const floor = top;
  while (top.parent !== undefined && plain(top.parent) <= ASC * plain(floor)) top = top.parent;
  const isIn = (box: Box, outer: Box) => box.index >= outer.index && box.index < outer.end;
  const more: Box[] = [];
  if (!plan.headlines.some((headline) => isIn(headline, top))) {
    const headline = plan.headlines.findLast((h) => h.index < top.index);
    if (headline !== undefined) {
      let wide = top;
      while (wide.parent !== undefined && !isIn(headline, wide)) wide = wide.parent;
      if (plain(wide) <= ASCH * plain(floor)) top = wide;
      else more.push(headline);
    }
  }
  const { clutter, removed } = await clean(plan.boxes, top, turn);
  const skip = new Set(plan.skip);
  let kept = plain(top);
  if (removed <= UNDO * plain(top)) {
    for (const node of clutter) skip.add(node);
    kept -= removed;
  }
  if (process.env['SHOW']) console.error((kept/plain(all)).toFixed(2), (top.prose/all.prose).toFixed(2), kept, top.prose);
  if (kept < SURE * plain(all) && top.prose < 500) return undefined;
  const nodes = [...more, top].flatMap(({ node }) => (node === document ? document.children : [node as ChildNode]));
  return { roots: nodes, skip };
}

function plain(box: Box): number {
  return box.text - box.links;
}

function heaviest({ boxes }: Outline, parent: Box): Box | undefined {
  let best: Box | undefined;
  for (let index = parent.index + 1; index < parent.end; ) {
    const box = boxes[index];
    if (box === undefined) break;
    if (best === undefined || box.prose > best.prose) best = box;
    index = box.end;
  }
  return best;
}
