import type { Element } from 'domhandler';
import type { Look } from './hidden.ts';
import type { Lines } from './lines.ts';
import type { Verbatim } from './verbatim.ts';
import type { Leave } from './walk.ts';

export interface TableState {
  /** Whether the table contains another one: it is a layout table, and its cells are blocks. */
  readonly isLayout: boolean;
  /** Whether the first row is written, which Markdown uses as the header. */
  hasHead: boolean;
}

/** State that element rules share. */
export interface Rendering {
  readonly markdown: boolean;
  readonly lines: Lines;
  /** Receives the text inside preformatted elements, where markup has no meaning. */
  verbatim: Verbatim | undefined;
  /** Number of the next item of each ordered list. */
  readonly numbers: Map<Element, number>;
  readonly tables: Map<Element, TableState>;
  /** The longest run of backticks in the visible text of an element: its code fence is one longer. */
  longestRun(element: Element, look: Look): Promise<number>;
}

/** Runs before an element's children; returns the function that runs after them. */
export type ElementRule = (rendering: Rendering, element: Element, look: Look) => Leave | Promise<Leave>;
