import { eachMatch } from './matches.ts';
import { plainView, type View } from './plain-view.ts';

/** Levels of encoding that are decoded: a URL in a URL in JSON has three. */
const MAX_LEVELS = 4;

const ESCAPE =
  /%[0-9a-f]{2}|\\(?:u[0-9a-f]{4}|x[0-9a-f]{2}|[\\"'/bfnrt])|&(?:amp|quot|apos|lt|gt|#\d{2,3}|#x[0-9a-f]{2});/gi;

const NAMED: Readonly<Record<string, string>> = {
  ...{ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' },
  ...{ amp: '&', quot: '"', apos: "'", lt: '<', gt: '>' },
};

/**
 * The text itself, and the text with percent, JSON and HTML escapes decoded once, twice and so on until none is left: a
 * credential is found however it was wrapped, and its position in the original is known. Each view is also returned as
 * a person reads it, where that differs.
 */
export function viewsOf(text: string): readonly View[] {
  const views: View[] = [];
  let view: View | undefined = { text };
  for (let level = 0; view !== undefined && level <= MAX_LEVELS; level++) {
    const plain = plainView(view);
    views.push(view, ...(plain === undefined ? [] : [plain]));
    view = level < MAX_LEVELS ? unescaped(view) : undefined;
  }
  return views;
}

function unescaped({ text, from }: View): View | undefined {
  if (!/[%\\&]/.test(text) || text.search(ESCAPE) < 0) return undefined;
  const parts: string[] = [];
  const origin = new Uint32Array(text.length + 1);
  let length = 0;
  const keep = (start: number, end: number) => {
    parts.push(text.slice(start, end));
    for (let i = start; i < end; i++) origin[length++] = from?.[i] ?? i;
  };
  let done = 0;
  eachMatch(ESCAPE, text, ({ 0: sequence, index }) => {
    keep(done, index);
    parts.push(characterOf(sequence));
    origin[length++] = from?.[index] ?? index;
    done = index + sequence.length;
  });
  keep(done, text.length);
  origin[length] = from?.[text.length] ?? text.length;
  return { text: parts.join(''), from: origin.subarray(0, length + 1) };
}

/** One character; bytes of UTF-8 stay single here, and `plainView` reads them. */
function characterOf(sequence: string): string {
  const hex = /^(?:%|\\u|\\x|&#x)([0-9a-f]+)/i.exec(sequence)?.[1];
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  const decimal = /^&#(\d+)/.exec(sequence)?.[1];
  if (decimal !== undefined) return String.fromCharCode(Number(decimal));
  const name = sequence.replace(/[\\&;]/g, '').toLowerCase();
  return NAMED[name] ?? sequence.slice(1);
}
