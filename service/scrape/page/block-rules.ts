import { type Element, isTag } from 'domhandler';
import type { Look } from './hidden.ts';
import type { Rendering } from './rendering.ts';
import { Verbatim } from './verbatim.ts';
import type { Leave } from './walk.ts';

/** Nested quotes and list items that keep their prefix; every line inside them is written after all prefixes. */
const MAX_PREFIXES = 8;

export function heading({ markdown, lines, verbatim }: Rendering, { name }: Element): Leave {
  if (verbatim !== undefined) return undefined;
  const isPlain = !markdown || lines.isFlat || lines.isRaw;
  lines.gap(2);
  if (!isPlain) lines.starts.begin(`${'#'.repeat(Number(name[1]))} `, '');
  lines.beginFlat();
  return () => {
    lines.endFlat();
    if (!isPlain) lines.starts.end(false);
    lines.gap(2);
  };
}

export function list({ lines, numbers, verbatim }: Rendering, element: Element): Leave {
  if (verbatim !== undefined) return undefined;
  const start = element.attribs['start'] ?? '';
  if (element.name === 'ol') numbers.set(element, /^\d{1,6}$/.test(start) ? Number(start) : 1);
  const isNested = element.parent !== null && isTag(element.parent) && element.parent.name === 'li';
  lines.gap(isNested ? 1 : 2);
  return () => lines.gap(2);
}

export function item(rendering: Rendering, { parent }: Element): Leave {
  const { markdown, numbers } = rendering;
  const number = parent !== null && isTag(parent) ? numbers.get(parent) : undefined;
  if (number === undefined || parent === null || !isTag(parent)) {
    return prefixed(rendering, markdown ? '- ' : ' * ');
  }
  numbers.set(parent, number + 1);
  return prefixed(rendering, `${markdown ? '' : ' '}${number}. `);
}

export function definition(rendering: Rendering): Leave {
  return prefixed(rendering, rendering.markdown ? ': ' : '  ');
}

function prefixed({ lines, verbatim }: Rendering, first: string): Leave {
  if (verbatim !== undefined) return undefined;
  lines.gap(1);
  if (lines.isFlat || lines.starts.depth >= MAX_PREFIXES) return () => lines.gap(1);
  lines.starts.begin(first, ' '.repeat(first.length));
  return () => lines.starts.end(true);
}

export function blockquote({ markdown, lines, verbatim }: Rendering): Leave {
  if (verbatim !== undefined) return undefined;
  lines.gap(2);
  const isPrefixed = markdown && !lines.isFlat && lines.starts.depth < MAX_PREFIXES;
  if (isPrefixed) lines.starts.begin('> ', '> ');
  return () => {
    if (isPrefixed) lines.starts.end(false);
    lines.gap(2);
  };
}

export function rule({ lines, verbatim }: Rendering): undefined {
  if (verbatim !== undefined || lines.isFlat) return;
  lines.gap(2);
  lines.structure('---');
  lines.gap(2);
}

export async function preformatted(rendering: Rendering, element: Element, look: Look): Promise<Leave> {
  const { markdown, lines } = rendering;
  // On one line, and in preformatted text, the prefix does not apply.
  if (rendering.verbatim !== undefined || lines.isFlat) return undefined;
  const fence = markdown ? '`'.repeat(Math.max(3, (await rendering.longestRun(element, look)) + 1)) : '';
  lines.gap(2);
  const verbatim = new Verbatim(lines, fence + (markdown ? language(element) : ''), fence);
  rendering.verbatim = verbatim;
  return () => {
    rendering.verbatim = undefined;
    verbatim.end();
    lines.gap(2);
  };
}

function language(pre: Element): string {
  const first = pre.children.find((child) => isTag(child));
  const names = first?.attribs['class'] ?? pre.attribs['class'] ?? '';
  return /(?:^|\s)(?:language|lang)-([\w+#.-]{1,30})/.exec(names.slice(0, 500))?.[1] ?? '';
}
