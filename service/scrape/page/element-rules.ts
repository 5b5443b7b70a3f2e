import type { Element } from 'domhandler';
import { blockquote, definition, heading, item, list, preformatted, rule } from './block-rules.ts';
import { code, image, link, marked } from './inline-rules.ts';
import type { ElementRule, Rendering } from './rendering.ts';
import { cell, row, table } from './table-rules.ts';

const names = (text: string) => text.split(' ');

/** Blocks between empty lines. Other blocks only start a new line in plain text; Markdown adds an empty line. */
const PARAGRAPHS = names('p figure hr details');
const BLOCKS = names(
  'address article aside body center dialog dir div dt fieldset figcaption footer form frameset header hgroup html ' +
    'caption legend main menu nav option optgroup output search section summary',
);

/** By element name. A map, because pages choose the names: `constructor` is possible. */
const RULES: ReadonlyMap<string, ElementRule> = new Map<string, ElementRule>([
  ...PARAGRAPHS.map((name) => [name, block(2)] as const),
  ...BLOCKS.map((name) => [name, block(1)] as const),
  ...names('h1 h2 h3 h4 h5 h6').map((name) => [name, heading] as const),
  ...names('ul ol dl menu dir').map((name) => [name, list] as const),
  ...names('b strong').map((name) => [name, marked('**')] as const),
  ...names('i em').map((name) => [name, marked('_')] as const),
  ...names('s strike del').map((name) => [name, marked('~~')] as const),
  ['a', link],
  ['img', image],
  ['code', code],
  ['br', lineBreak],
  ['hr', rule],
  ['li', item],
  ['dd', definition],
  ['blockquote', blockquote],
  ...names('pre listing xmp plaintext').map((name) => [name, preformatted] as const),
  ['table', table],
  ['tr', row],
  ['td', cell],
  ['th', cell],
]);

export function ruleOf({ name }: Element): ElementRule {
  return RULES.get(name) ?? nothing;
}

function nothing(): undefined {}

function block(breaks: 1 | 2): ElementRule {
  return ({ markdown, lines, verbatim }) => {
    if (verbatim !== undefined) return undefined;
    const gap = () => lines.gap(markdown ? 2 : breaks);
    gap();
    return gap;
  };
}

function lineBreak({ lines, verbatim }: Rendering): undefined {
  if (verbatim !== undefined) verbatim.write('\n');
  else lines.hardBreak();
}
