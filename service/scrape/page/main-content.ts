import type { AnyNode, ChildNode, Document } from 'domhandler';
import type { Turn } from '../../turns.ts';
import { findClutter } from './main-content/clutter.ts';
import { type Core, findCore, plain } from './main-content/core.ts';
import { outline } from './main-content/outline.ts';
import { sumUp } from './main-content/sums.ts';

/** A part of a page. Start each root with `lookAround`, because its ancestors may hide text in it. */
export interface Part {
  /** Nodes to render, in document order. */
  readonly roots: readonly ChildNode[];
  /** Descendants to leave out. */
  readonly skip: ReadonlySet<AnyNode>;
}

/** Prose that is enough by itself, in characters: about 80 words. */
const ENOUGH = 500;

/** Share of the page's non-link text below which a result with less prose than that may be the wrong part. */
const LEAST_PART = 1 / 4;

/**
 * The main content of a page, without navigation, notices, teasers, comments and footers. Undefined when it cannot be
 * determined and the whole page must be shown: an empty page, or one of which too little would remain.
 *
 * Prose is text outside of links in runs of a minimum length. The main content is the smallest box with four fifths of
 * the page's prose, plus the headline and small elements around it. Elements, roles and names that mean "aside" are
 * trusted, unless they cover most of the page; boxes of links in the main content are left out, unless the page is
 * hardly anything else. Time and memory are linear in nodes and text; the tree is not changed.
 *
 * Mozilla's Readability 0.6.0 (over linkedom 0.18.15) and defuddle 0.19.4 were measured: both run synchronously, which
 * took 0.46 s and 1.9 s of CPU on one article of Wikipedia, and 36 s (235 KB of nested spans) and 26 s (446 KB of
 * nested divs) on hostile pages. `npm run content:measure` measures this implementation; see docs/evidence.md.
 *
 * @throws the reason of the turn's signal
 */
export async function mainContent(document: Document, turn: Turn): Promise<Part | undefined> {
  const page = await outline(document, turn);
  const { totals, skip } = await sumUp(page, turn);
  const core = await findCore(page, skip, turn);
  const clutter = await findClutter(page, core, skip, turn);
  const { whole } = core;
  // If a page is hardly anything but links, they are its content: search results, an index, a portal.
  const isClutter =
    plain(clutter) <= plain(whole) / 2 &&
    (clutter.text <= whole.text / 2 || whole.prose - clutter.prose >= ENOUGH);
  if (isClutter) for (const node of clutter.nodes) skip.add(node);

  const kept = plain(whole) - (isClutter ? plain(clutter) : 0);
  const isUnsure = whole.prose < ENOUGH && kept < LEAST_PART * plain(totals);
  return whole.text === 0 || isUnsure ? undefined : { roots: rootsOf(core), skip };
}

function rootsOf({ headline, whole }: Core): ChildNode[] {
  return [headline, whole].flatMap((box): ChildNode[] => {
    if (box === undefined) return [];
    return box.parent === undefined ? [...box.node.children] : [box.node as ChildNode];
  });
}
