import { type ChildNode, isTag } from 'domhandler';
import { type Look, lookOf, PAGE_LOOK } from './hidden.ts';

/** The appearance that a node inherits from its ancestors; undefined when they hide it. */
export function lookAround(node: ChildNode): Look | undefined {
  const { parent } = node;
  if (parent === null || !isTag(parent)) return PAGE_LOOK;
  const outer = lookAround(parent);
  return outer && lookOf(parent, outer);
}
