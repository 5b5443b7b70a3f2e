import { type Document, isTag, isText, type ParentNode } from 'domhandler';
import { visibleText } from '../../text/visible-text.ts';
import type { Turn } from '../../turns.ts';

/**
 * Replaces every text of a tree by its `visibleText`, before rendering: removing characters later could join two others
 * into Markdown, and a line break that is added later would begin a block.
 */
export async function cleanTexts(document: Document, turn: Turn): Promise<void> {
  const stack: ParentNode[] = [document];
  for (let parent = stack.pop(); parent !== undefined; parent = stack.pop()) {
    for (const node of parent.children) {
      if (turn.isOver) await turn.next();
      if (isText(node)) {
        if (!/^[\t\n\x20-\x7e]*$/.test(node.data)) node.data = await visibleText(node.data, turn);
      } else if (isTag(node)) {
        stack.push(node);
      }
    }
  }
}
