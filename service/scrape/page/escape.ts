/** Position of a character in a line: block markers only count at the start. */
export type Place = 'start' | 'digits' | 'inside';

const ALWAYS = new Set([...'\\`*_[]'].map((character) => character.charCodeAt(0)));

/** ASCII characters that may need an escape. */
const NEEDS_LOOK = new Uint8Array(128);
for (const character of '\\`*_[]<&~|>#=+-:.)') NEEDS_LOOK[character.charCodeAt(0)] = 1;

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
const isLetter = (code: number) => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
const isBlankOrEnd = (code: number) => code <= 0x20 || Number.isNaN(code);

/**
 * Whether the character at an index would be Markdown syntax: emphasis, code, a link, HTML, a character reference, and
 * at the start of a line a heading, a list, a quote, a rule or a table. The end of the text counts as the worst
 * possible continuation. Looks ahead at most 32 characters.
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
      return /&#?[\da-z]{1,30};/iy.test(text.slice(index, index + 33));
    case '~':
      return next === code || text.charCodeAt(index - 1) === code;
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

/**
 * A page's URL as the target of a Markdown link; relative URLs stay relative. Undefined if it is empty, too long, or
 * has a scheme other than http, https, mailto and tel: `javascript:` runs in the viewer, `data:` embeds a page.
 */
export function target(url: string | undefined): string | undefined {
  if (url === undefined || url.length > MAX_TARGET) return undefined;
  // As browsers parse it (WHATWG URL §4.4): no blanks or controls at the ends, no line breaks or tabs at all.
  const trimmed = withoutEdges(url.replace(/[\t\n\r]/g, ''));
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(trimmed)?.[1];
  if (trimmed === '' || (scheme !== undefined && !SCHEMES.has(scheme.toLowerCase()))) return undefined;
  const escaped = trimmed
    .replace(/[\p{Cc}\u2028\u2029<>`|]/gu, encodeURIComponent)
    .replace(/[\\()]/g, '\\$&');
  return escaped.includes(' ') ? `<${escaped}>` : escaped;
}

/** Not a regular expression: one for trailing blanks is quadratic in blanks that are not trailing. */
function withoutEdges(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && text.charCodeAt(from) <= 0x20) from += 1;
  while (to > from && text.charCodeAt(to - 1) <= 0x20) to -= 1;
  return text.slice(from, to);
}

/** Text of an attribute on one line, cut at 500 characters, with Markdown escaped. */
export function shortText(text: string | undefined): string {
  return (text ?? '')
    .slice(0, MAX_SHORT_TEXT)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/[\\`*_[\]<|]/g, '\\$&');
}

/** Title of a link or image as it follows the target, with its quotes; empty if there is none. */
export function linkTitle(text: string | undefined): string {
  const title = shortText(text).replaceAll('"', '\\"');
  return title === '' ? '' : ` "${title}"`;
}
