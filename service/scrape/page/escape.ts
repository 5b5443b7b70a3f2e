import { cutText } from '../../well-formed.ts';
import { UNSEEN } from './invisible.ts';
import { visibleShort } from './visible-text.ts';

/** Where in a line a character stands: what starts a block is only so at the start. */
export type Place = 'start' | 'digits' | 'inside';

const ALWAYS = new Set([...'\\`*_[]~'].map((character) => character.charCodeAt(0)));

/** ASCII characters that may need an escape. */
const NEEDS_LOOK = new Uint8Array(128);
for (const character of '\\`*_[]<&~|>#=+-:.)') NEEDS_LOOK[character.charCodeAt(0)] = 1;

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
const isLetter = (code: number) => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
const isBlankOrEnd = (code: number) => code <= 0x20 || Number.isNaN(code);

/**
 * Whether the character at an index would be Markdown of its own: emphasis, code, a link, HTML, a character reference,
 * what was struck, and at the start of a line a heading, a list, a quote, a rule or a table. The end of the text counts as the worst that
 * could follow. Looks 32 characters ahead at most.
 */
export function needsEscape(text: string, index: number, place: Place, cell: boolean): boolean {
  const code = text.charCodeAt(index);
  if (NEEDS_LOOK[code] !== 1) return false;
  if (ALWAYS.has(code)) return true;
  const next = text.charCodeAt(index + 1);
  switch (text[index]) {
    case '<':
      return isLetter(next) || isBlankOrEnd(next) || '/!?'.includes(text.charAt(index + 1));
    case '&':
      return (
        isReference(text.slice(index, index + 33)) ||
        (index + 33 > text.length && isOpenReference(text.slice(index)))
      );
    case '|':
      return cell || place === 'start';
    case '>':
      return place === 'start';
    case '#':
    case '=':
      return place === 'start' && (next === code || isBlankOrEnd(next));
    case '+':
      return place === 'start' && isBlankOrEnd(next);
    case '-':
    case ':':
      return place === 'start' && !isLetter(next) && !isDigit(next);
    case '.':
    case ')':
      return place === 'digits' && isBlankOrEnd(next);
    default:
      return false;
  }
}

/** The position of the character after this one. */
export function placeAfter(code: number, place: Place): Place {
  return place !== 'inside' && isDigit(code) ? 'digits' : 'inside';
}

/** Longest URL that becomes a link target, in characters. A truncated URL would lead elsewhere. */
const MAX_TARGET = 2048;
const MAX_SHORT_TEXT = 500;

/** Schemes allowed in link targets: show a page, write, call. Never run a script or open embedded content. */
const SCHEMES = new Set(['http', 'https', 'mailto', 'tel']);

/** As CommonMark has it, by any name. */
const isReference = (text: string) => /^&#?[\da-z]{1,31};/i.test(text);
/** Whether it would be one with what may follow. */
const isOpenReference = (text: string) => /^&#?[\da-z]*$/i.test(text);

/**
 * A URL of a page as the target of a Markdown link, relative as it is. Undefined where it is empty, too long, or of a
 * scheme besides http, https, mailto and tel: `javascript:` runs in whatever shows it, `data:` carries a page. What is not
 * seen is written in percent: with it, and without it, it must be no such scheme.
 */
export function target(url: string | undefined): string | undefined {
  if (url === undefined || url.length > MAX_TARGET) return undefined;
  // As browsers read it (WHATWG URL §4.4): no blanks or controls at the ends, no line breaks or tabs at all.
  const trimmed = withoutEdges(url.replace(/[\t\n\r]/g, '')).toWellFormed();
  const isSafe = [trimmed, visibleShort(trimmed).trim()].every((each) => {
    const scheme = /^([a-z][a-z\d+.-]*):/i.exec(each)?.[1];
    return each !== '' && (scheme === undefined || SCHEMES.has(scheme.toLowerCase()));
  });
  if (!isSafe) return undefined;
  const escaped = trimmed
    .replace(/[<>`|]|[^\S ]/g, encodeURIComponent)
    .replace(UNSEEN, encodeURIComponent)
    .replace(/[\\()]/g, '\\$&')
    .replace(REFERENCE, '\\&');
  return escaped.includes(' ') ? `<${escaped}>` : escaped;
}

/** An ampersand that begins a character reference, also where it is decoded in targets and titles. */
const REFERENCE = /&(?=#?[\da-z]{1,31};)/gi;

/** By hand, since an expression for blanks at the end is quadratic in blanks that are not. */
function withoutEdges(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && text.charCodeAt(from) <= 0x20) from += 1;
  while (to > from && text.charCodeAt(to - 1) <= 0x20) to -= 1;
  return text.slice(from, to);
}

/** Text of an attribute as it is seen, on one line, cut at 500 characters. */
export function shortText(text: string | undefined): string {
  return visibleShort(cutText(text ?? '', MAX_SHORT_TEXT))
    .replace(/\s+/g, ' ')
    .trim();
}

/** The same with nothing in it that is Markdown, for where a line has begun. */
export function shortMarkdown(text: string | undefined): string {
  return shortText(text)
    .replace(/[\\`*_[\]<|~]/g, '\\$&')
    .replace(REFERENCE, '\\&');
}

/** Title of a link or image as it follows the target, with its quotes; empty if there is none. */
export function linkTitle(text: string | undefined): string {
  const title = shortMarkdown(text).replaceAll('"', '\\"');
  return title === '' ? '' : ` "${title}"`;
}
