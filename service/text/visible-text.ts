import type { Turn } from '../turns.ts';
import { cutText } from '../well-formed.ts';
import { ASCII, BREAK, HIDDEN, keptOf, PLAIN } from './invisible.ts';
import { continuesReference, decodeInvisible, endsInReference } from './references.ts';

/** Longest title or URL, in characters. */
const MAX_SHORT = 8 * 1024;
/** Invisible characters of one run to consider: no writing has more than a flag. */
const MAX_RUN = 16;

/**
 * A text as a person sees it: without controls, terminal sequences, bidirectional controls, tag characters and all
 * other characters that Unicode draws as nothing, but with the joiners and selectors that writing needs. Line breaks
 * are `\n`; code points that are not characters become U+FFFD, so the text is well formed. Linear and idempotent.
 *
 * @throws the reason of the turn's signal, once it has aborted
 */
export async function visibleText(text: string, turn: Turn): Promise<string> {
  return collect(visible(text, false), turn);
}

/**
 * The same for HTML, in which character references are text too: references to invisible characters are removed as
 * well. If removing characters would join two parts into a reference, U+FFFD separates them.
 */
export async function visibleHtml(source: string, turn: Turn): Promise<string> {
  return collect(visible(await collect(decodeInvisible(source), turn), true), turn);
}

/**
 * The same for the JSON of data, as `JSON.stringify` writes it: invisible characters are only in its strings, and without
 * them it is still JSON. Control characters are escapes there, which a reader of the data gets as characters.
 */
export async function visibleJson(json: string, turn: Turn): Promise<string> {
  // Separators such as U+2028 have become line breaks, which a string of JSON has as escapes.
  const visible = (await visibleText(json, turn)).replaceAll('\n', '\\n');
  return visible.replace(/\\(?:u00[01][\da-f]|.)/g, (each) => (CONTROL.test(each) ? '' : each));
}

/** An escape of a control character other than a tab and a line break. */
const CONTROL = /^\\(?:u00[01]|[bf])/;

/** The same for a title or a URL, in one line of at most 8 Ki characters. */
export function visibleShort(text: string): string {
  return [...visible(cutText(text, MAX_SHORT), false)].join('').replace(/[\n\t]/g, ' ');
}

async function collect(pieces: Iterable<string>, turn: Turn): Promise<string> {
  let text = '';
  let parts: string[] = [];
  for (const piece of pieces) {
    // Pieces are joined in groups: a million additions to one string take a hundred times its length.
    if (parts.push(piece) === 1024) {
      text += parts.join('');
      parts = [];
    }
    if (turn.isOver) await turn.next();
  }
  return text + parts.join('');
}

function* visible(text: string, isHtml: boolean): Generator<string> {
  let at = 0;
  let before = '';
  let isOpen = false;

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  }

  while (at < text.length) {
    let piece = take(ASCII) ?? take(PLAIN);
    if (piece === undefined && take(BREAK) !== undefined) piece = '\n';
    if (piece === undefined) {
      let run = '';
      for (let part = take(HIDDEN); part !== undefined; part = take(HIDDEN)) {
        if (run.length < MAX_RUN) run += part.slice(0, MAX_RUN);
        yield '';
      }
      const after = String.fromCodePoint(text.codePointAt(at) ?? 0);
      if (run === '') {
        at += after.length;
        piece = '\ufffd';
      } else {
        piece = keptOf(run, before, at < text.length ? after : '');
        if (piece === '' && isOpen && continuesReference(after)) piece = '\ufffd';
      }
    }
    if (piece === '') continue;
    yield piece;
    before = lastOf(piece);
    if (isHtml) isOpen = endsInReference(piece, isOpen);
  }
}

function lastOf(piece: string): string {
  const pair = piece.slice(-2);
  return (pair.codePointAt(0) ?? 0) > 0xffff ? pair : pair.slice(-1);
}
