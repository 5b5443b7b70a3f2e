import type { AnyNode, ChildNode, Document } from 'domhandler';
import type { Turn } from './turns.ts';

/** Nodes to render in document order, and nodes inside them to leave out. */
export interface Part {
  readonly roots: readonly ChildNode[];
  readonly skip: ReadonlySet<AnyNode>;
}

/** The main content of a page, or undefined when it has none. */
export async function mainContent(_document: Document, _turn: Turn): Promise<Part | undefined> {
  return undefined;
}
