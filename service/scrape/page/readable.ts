import { type AnyNode, Document, Element, hasChildren, isTag, isText, Text } from 'domhandler';
import { appendChild } from 'domutils';
import { type Look, lookOf } from './hidden.ts';

/** Elements whose content is not text a reader of the page sees. */
const UNREADABLE = new Set(
  (
    'head title script style noscript template iframe object embed applet svg math canvas audio video map ' +
    'select datalist textarea input link meta base'
  ).split(' '),
);

/** Levels of quotes and list items that keep their meaning; each prefixes every line of what is in it. */
const MAX_PREFIXED_LEVELS = 8;
const PREFIXED = new Set(['blockquote', 'li', 'ul', 'ol', 'dl', 'dd', 'menu', 'dir']);

const TABLE_PARTS = new Set(['caption', 'thead', 'tbody', 'tfoot', 'tr', 'td', 'th']);

/** Blanks that may follow each other, line breaks included: the renderers' expressions are quadratic in them. */
const MAX_BLANKS = 64;
const MAX_NEWLINES = 4;

/**
 * A copy of a document with what a reader sees, in a shape that renderers are fast on: no invisible elements, no
 * quotes and lists nested without end, no tables, code or preformatted text nested at all, no long runs of blanks.
 */
export function readable(document: Document): Document {
  const copy = new Document([]);
  let blanks = 0;
  let newlines = 0;

  function copyText(data: string): string {
    return data.replace(/\s+|\S+/g, (run) => {
      if (/\S/.test(run)) {
        blanks = 0;
        newlines = 0;
        return run;
      }
      let kept = '';
      for (const blank of run.slice(0, 4 * MAX_BLANKS)) {
        newlines += blank === '\n' ? 1 : 0;
        if (blanks >= MAX_BLANKS || (blank === '\n' && newlines > MAX_NEWLINES)) continue;
        blanks += 1;
        kept += blank;
      }
      return kept;
    });
  }

  function copyChildren(from: AnyNode, to: Document | Element, context: Context): void {
    if (!hasChildren(from)) return;
    for (const child of from.children) {
      if (isText(child)) {
        const data = copyText(child.data);
        if (data !== '') appendChild(to, new Text(data));
      } else if (isTag(child) && !UNREADABLE.has(child.name)) {
        const look = lookOf(child, context.look);
        if (look === undefined) continue;
        if (child.name === 'br') {
          blanks += 3;
          newlines += 1;
          if (newlines > MAX_NEWLINES) continue;
        }
        const inside = enter({ ...context, look }, child.name);
        const element = new Element(inside.name, child.attribs);
        appendChild(to, element);
        copyChildren(child, element, inside);
      }
    }
  }

  copyChildren(document, copy, { name: '', levels: 0, tables: 0, pre: false, code: false, look: {} });
  return copy;
}

interface Context {
  /** What the element is called in the copy. */
  readonly name: string;
  /** Quotes and lists around it. */
  readonly levels: number;
  readonly tables: number;
  readonly pre: boolean;
  readonly code: boolean;
  readonly look: Look;
}

function enter(context: Context, name: string): Context {
  if (PREFIXED.has(name)) {
    const levels = context.levels + 1;
    return { ...context, levels, name: levels > MAX_PREFIXED_LEVELS ? 'div' : name };
  }
  if (name === 'table') {
    const tables = context.tables + 1;
    return { ...context, tables, name: tables > 1 ? 'div' : name };
  }
  if (TABLE_PARTS.has(name)) return { ...context, name: context.tables > 1 ? 'div' : name };
  if (name === 'pre') return { ...context, pre: true, name: context.pre ? 'div' : name };
  if (name === 'code') return { ...context, code: true, name: context.code ? 'span' : name };
  return { ...context, name };
}
