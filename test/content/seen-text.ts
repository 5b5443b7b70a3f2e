import { type AnyNode, hasChildren, isTag, isText } from 'domhandler';
import { isBlock, isSeen } from '../../service/scrape/page/main-content/elements.ts';

/** Text of nodes as the `text` format has it: without hidden elements, blocks apart. */
export function seenText(nodes: readonly AnyNode[], skip?: ReadonlySet<AnyNode>): string {
  return textOf(nodes, (node) => !skip?.has(node) && (!isTag(node) || isSeen(node)));
}

/** All text of nodes, blocks apart. */
export function wholeText(nodes: { readonly children: readonly AnyNode[] }): string {
  return textOf(nodes.children, () => true);
}

function textOf(nodes: readonly AnyNode[], isKept: (node: AnyNode) => boolean): string {
  const parts: string[] = [];
  const walk = (node: AnyNode): void => {
    if (!isKept(node)) return;
    if (isText(node)) parts.push(node.data);
    if (!hasChildren(node)) return;
    const edge = isTag(node) && (isBlock(node.name) || node.name === 'br') ? ' ' : '';
    parts.push(edge);
    for (const child of node.children) walk(child);
    parts.push(edge);
  };
  for (const node of nodes) walk(node);
  return parts.join('');
}
