import type { AnyNode, ChildNode, Document } from 'domhandler';
import { findClutter } from './main-content/clutter.ts';
import { type Core, findCore, plain } from './main-content/core.ts';
import { outline } from './main-content/outline.ts';
import { sumUp } from './main-content/sums.ts';
import type { Turn } from './turns.ts';

/** Nodes to render in document order, and nodes inside them to leave out. */
export interface Part {
  readonly roots: readonly ChildNode[];
  readonly skip: ReadonlySet<AnyNode>;
}

const E = (n: string, d: number) => Number(process.env[n] ?? d);
const UNDO = E('UNDO', 0.5);
/** Share of the page's text outside of links below which what was found may be the wrong part. */
const SURE = E('SURE', 0.25);
/** Prose that is enough wherever it was found, in characters: about 80 words. */
const ENOUGH = 500;

export async function mainContent(document: Document, turn: Turn): Promise<Part | undefined> {
  const page = await outline(document, turn);
  const { totals, skip } = await sumUp(page, turn);
  const core = await findCore(page, skip, turn);
  const clutter = await findClutter(page, core, skip, turn);
  const { whole } = core;
  let kept = plain(whole);
  // Where hardly anything else is, links are the content: of a list of results, an index, a portal.
  const isClutter =
    clutter.plain <= UNDO * plain(whole) &&
    (clutter.text <= UNDO * whole.text || whole.prose - clutter.prose >= ENOUGH);
  if (isClutter) {
    for (const node of clutter.nodes) skip.add(node);
    kept -= clutter.plain;
  }
  if (process.env['SHOW']) console.error(isClutter, (kept/totals.plain).toFixed(2), (whole.prose/totals.prose).toFixed(2), kept, whole.prose);
  if (whole.text === 0 || (whole.prose < ENOUGH && kept < SURE * totals.plain)) return undefined;
  return { roots: rootsOf(core), skip };
}

function rootsOf({ headline, whole }: Core): ChildNode[] {
  return [headline, whole].flatMap((box): ChildNode[] => {
    if (box === undefined) return [];
    return box.parent === undefined ? [...box.node.children] : [box.node as ChildNode];
  });
}
