import type { Element } from 'domhandler';
import { linkTitle, shortMarkdown, shortText, target } from './escape.ts';
import type { Look } from './hidden.ts';
import type { Rendering } from './rendering.ts';
import type { Leave } from './walk.ts';

/** Emphasis. The same emphasis inside itself is ignored, so that a page cannot repeat the mark before every line. */
export function marked(sign: string) {
  return ({ markdown, lines, verbatim }: Rendering): Leave => {
    if (!markdown || verbatim !== undefined || lines.isRaw || lines.marks.has(sign)) return undefined;
    lines.marks.push({ open: sign, close: sign, repeats: true });
    return () => lines.marks.pop();
  };
}

/** A link around the first block of its content: around several blocks the target would be repeated. */
export function link({ markdown, lines, verbatim }: Rendering, { attribs }: Element): Leave {
  if (!markdown || verbatim !== undefined || lines.isRaw || lines.marks.has('[')) return undefined;
  const to = target(attribs['href']);
  if (to === undefined) return undefined;
  lines.marks.push({ open: '[', close: `](${to}${linkTitle(attribs['title'])})`, repeats: false });
  return () => lines.marks.pop();
}

export function image({ markdown, lines, verbatim }: Rendering, { attribs }: Element): undefined {
  if (!markdown || verbatim !== undefined || lines.isRaw) return;
  const from = target(attribs['src']);
  if (from !== undefined) {
    lines.inline(`![${shortMarkdown(attribs['alt'])}](${from}${linkTitle(attribs['title'])})`);
  } else {
    const alt = shortText(attribs['alt']);
    lines.text(alt, 0, alt.length);
  }
}

export async function code(rendering: Rendering, element: Element, look: Look): Promise<Leave> {
  const { markdown, lines, verbatim } = rendering;
  if (!markdown || verbatim !== undefined || lines.isRaw) return undefined;
  const run = await rendering.longestRun(element, look);
  const fence = '`'.repeat(run + 1);
  const edge = run > 0 ? ' ' : '';
  lines.marks.push({ open: fence + edge, close: edge + fence, repeats: true });
  lines.beginRaw();
  return () => {
    lines.endRaw();
    lines.marks.pop();
  };
}
