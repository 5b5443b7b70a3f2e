import type { AnyNode, ChildNode, Document } from 'domhandler';
import { hasChildren, isTag, isText } from 'domhandler';
import { lookAround } from '../../service/scrape/page/look-around.ts';
import { isBlock } from '../../service/scrape/page/main-content/outline.ts';
import type { Part } from '../../service/scrape/page/main-content.ts';
import type { Turn } from '../../service/scrape/page/turns.ts';
import { walk } from '../../service/scrape/page/walk.ts';

/** Text of a part of a page as the `text` format has it: without hidden elements, blocks apart. */
export async function seenText({ roots, skip }: Part, turn: Turn): Promise<string> {
  const parts: string[] = [];
  for (const root of roots) {
    const look = lookAround(root);
    if (look === undefined) continue;
    await walk([root], look, skip, turn, {
      element(element) {
        const edge = isBlock(element) || element.name === 'br' ? ' ' : '';
        parts.push(edge);
        return () => parts.push(edge);
      },
      text: (data, from, to) => parts.push(data.slice(from, to)),
    });
  }
  return parts.join('');
}

/** All text of a document, blocks apart. */
export function wholeText(document: Document): string {
  const parts: string[] = [];
  const add = (node: ChildNode | AnyNode): void => {
    if (isText(node)) parts.push(node.data);
    if (!hasChildren(node)) return;
    const edge = isTag(node) && (isBlock(node) || node.name === 'br') ? ' ' : '';
    parts.push(edge);
    for (const child of node.children) add(child);
    parts.push(edge);
  };
  add(document);
  return parts.join('');
}
