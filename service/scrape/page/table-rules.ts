import { type Element, isTag } from 'domhandler';
import type { Rendering, TableState } from './rendering.ts';
import type { Leave } from './walk.ts';

export function table({ lines, tables, verbatim }: Rendering, element: Element): Leave {
  if (verbatim !== undefined) return undefined;
  tables.set(element, { isLayout: holdsTable(element), hasHead: false });
  lines.gap(2);
  return () => lines.gap(2);
}

export function row({ markdown, lines, tables, verbatim }: Rendering, element: Element): Leave {
  if (verbatim !== undefined) return undefined;
  lines.gap(1);
  const cells = element.children.filter(isCell).length;
  const state = stateOf(element, tables);
  if (cells === 0 || state === undefined || state.isLayout || lines.isFlat) return () => lines.gap(1);
  lines.beginRow();
  return () => {
    lines.endRow();
    lines.gap(1);
    if (!markdown || state.hasHead) return;
    state.hasHead = true;
    lines.structure(`|${' --- |'.repeat(cells)}`);
    lines.gap(1);
  };
}

export function cell({ markdown, lines, verbatim }: Rendering): Leave {
  if (verbatim !== undefined) return undefined;
  if (!lines.isRow) {
    const gap = () => lines.gap(markdown ? 2 : 1);
    gap();
    return gap;
  }
  lines.beginCell();
  return () => lines.endCell();
}

function isCell(node: Element['children'][number]): boolean {
  return isTag(node) && (node.name === 'td' || node.name === 'th');
}

const PARTS = new Set(['thead', 'tbody', 'tfoot']);

function stateOf({ parent }: Element, tables: Rendering['tables']): TableState | undefined {
  if (parent === null || !isTag(parent)) return undefined;
  const isPart = PARTS.has(parent.name) && parent.parent !== null && isTag(parent.parent);
  return tables.get(isPart ? (parent.parent as Element) : parent);
}

/** Stops at the first table it finds and does not enter it, so that each element is visited for one table only. */
function holdsTable(table: Element): boolean {
  const stack = [table];
  for (let element = stack.pop(); element !== undefined; element = stack.pop()) {
    for (const child of element.children) {
      if (!isTag(child)) continue;
      if (child.name === 'table') return true;
      stack.push(child);
    }
  }
  return false;
}
