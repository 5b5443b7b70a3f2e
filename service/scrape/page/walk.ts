import { type AnyNode, type ChildNode, type Element, isTag, isText } from 'domhandler';
import { TEXT_STEP, type Turn } from '../../turns.ts';
import { type Look, lookOf } from './hidden.ts';

/** Elements whose content is not visible text. */
const LEFT_OUT = new Set(
  (
    'head title script style noscript noembed noframes template iframe object embed applet svg math canvas audio ' +
    'video map select datalist textarea input link meta base rp'
  ).split(' '),
);

export type Leave = (() => void) | undefined;

export interface Visitor {
  /** Whether the walk may stop. */
  readonly isFull?: boolean;
  text(data: string, from: number, to: number): void;
  /** @returns a function to run after the element's children */
  element?(element: Element, look: Look): Leave | Promise<Leave>;
}

interface Frame {
  readonly nodes: readonly ChildNode[];
  readonly look: Look;
  readonly leave: Leave;
  next: number;
}

/** Visits the visible parts of the page, in document order, a step at a time. */
export async function walk(
  nodes: readonly ChildNode[],
  look: Look,
  skip: ReadonlySet<AnyNode>,
  turn: Turn,
  visitor: Visitor,
): Promise<void> {
  const frames: Frame[] = [{ nodes, look, leave: undefined, next: 0 }];
  for (let frame = frames.at(-1); frame !== undefined && !visitor.isFull; frame = frames.at(-1)) {
    if (turn.isOver) await turn.next();
    const node = frame.nodes[frame.next];
    frame.next += 1;
    if (node === undefined) {
      frames.pop();
      frame.leave?.();
    } else if (skip.has(node)) {
      // The caller leaves it out.
    } else if (isText(node)) {
      for (let at = 0; at < node.data.length && !visitor.isFull; at += TEXT_STEP) {
        if (turn.isOver) await turn.next();
        visitor.text(node.data, at, Math.min(at + TEXT_STEP, node.data.length));
      }
    } else if (isTag(node) && !LEFT_OUT.has(node.name)) {
      const inner = lookOf(node, frame.look);
      if (inner === undefined) continue;
      const leave = visitor.element?.(node, inner);
      frames.push({
        nodes: node.children,
        look: inner,
        leave: leave instanceof Promise ? await leave : leave,
        next: 0,
      });
    }
  }
}
