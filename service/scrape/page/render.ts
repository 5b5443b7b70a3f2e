import { type ChildNode, isTag } from 'domhandler';
import type { Turn } from '../../turns.ts';
import { ruleOf } from './element-rules.ts';
import { type Look, lookOf, PAGE_LOOK } from './hidden.ts';
import { Lines } from './lines.ts';
import type { Part } from './main-content.ts';
import type { Rendering } from './rendering.ts';
import { walk } from './walk.ts';

/**
 * Renders a part of a page as a reader sees it, as Markdown or plain text, in one walk that yields to the event loop.
 * Time and memory are linear in the page, and the output is bounded even if the page repeats content.
 *
 * The libraries for this (turndown, html-to-text) run synchronously, in time quadratic in blanks. A worker thread for
 * them would hold a core as long and need a heap per page, and Node's permission model, which the image enables, allows
 * no worker without `--allow-worker` (ERR_ACCESS_DENIED in Node.js 20, 22 and 24).
 *
 * @param maxBytes of UTF-8 after which it ends; may be exceeded slightly
 * @throws the reason of the turn's signal, once it has aborted
 */
export async function render(part: Part, markdown: boolean, maxBytes: number, turn: Turn): Promise<string> {
  const lines = new Lines(markdown, maxBytes);
  const rendering: Rendering = {
    markdown,
    lines,
    verbatim: undefined,
    numbers: new Map(),
    tables: new Map(),
    async longestRun(element, look) {
      let longest = 0;
      let run = 0;
      await walk(element.children, look, part.skip, turn, {
        text(data, from, to) {
          for (let at = from; at < to; at += 1) {
            run = data.charCodeAt(at) === 0x60 ? run + 1 : 0;
            if (run > longest) longest = run;
          }
        },
      });
      return longest;
    },
  };
  for (const root of part.roots) {
    const look = lookAround(root);
    if (look === undefined) continue;
    await walk([root], look, part.skip, turn, {
      get isFull() {
        return lines.isFull;
      },
      text(data, from, to) {
        if (rendering.verbatim !== undefined) rendering.verbatim.write(data.slice(from, to));
        else lines.text(data, from, to);
      },
      element: (element, look) => ruleOf(element)(rendering, element, look),
    });
    // Parts from different places stay separate.
    if (part.skip.size > 0) lines.gap(2);
  }
  return lines.take();
}

/** The appearance that a node inherits from its ancestors; undefined when they hide it. */
function lookAround(node: ChildNode): Look | undefined {
  const { parent } = node;
  if (parent === null || !isTag(parent)) return PAGE_LOOK;
  const outer = lookAround(parent);
  return outer && lookOf(parent, outer);
}
