import { UNSEEN } from '../../text/invisible.ts';
import { visibleShort } from '../../text/visible-text.ts';
import { cutText } from '../../well-formed.ts';

/** The position of a character in its line. Some characters start a block, but only at the start of a line. */
export type Place = 'start' | 'digits' | 'inside';

const ALWAYS = new Set([...'\\`*_[]~'].map((character) => character.charCodeAt(0)));

/** ASCII characters that may need an escape. */
const NEEDS_LOOK = new Uint8Array(128);
for (const character of '\\`*_[]<&~|>#=+-:.)') NEEDS_LOOK[character.charCodeAt(0)] = 1;

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
const isLetter = (code: number) => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
const isBlankOrEnd = (code: number) => code <= 0x20 || Number.isNaN(code);

/**
 * Whether the character at an index could act as Markdown: emphasis, strikethrough, code, a link, HTML or a character
 * reference, and at the start of a line a heading, a list, a quote, a rule or a table. At the end of the text, the
 * function assumes the worst continuation. It looks at most 32 characters ahead.
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

/** Whether the text starts with a character reference as CommonMark writes it, with any name. */
const isReference = (text: string) => /^&#?[\da-z]{1,31};/i.test(text);
/** Whether the text could become a reference when more characters follow. */
const isOpenReference = (text: string) => /^&#?[\da-z]*$/i.test(text);

/**
 * The URL of a page as the target of a Markdown link; relative URLs stay relative. Undefined for an empty or too long
 * URL, and for a scheme other than http, https, mailto and tel: `javascript:` runs a script, `data:` contains a page.
 * Invisible characters are percent-encoded. The scheme is checked with and without them.
 */
export function target(url: string | undefined): string | undefined {
  if (url === undefined || url.length > MAX_TARGET) return undefined;
  // Browsers remove blanks and controls at the ends, and all line breaks and tabs (WHATWG URL §4.4).
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

/** An ampersand that begins a character reference. Markdown decodes references in targets and titles too. */
const REFERENCE = /&(?=#?[\da-z]{1,31};)/gi;

/** A loop, because a regular expression for trailing blanks takes quadratic time on blanks in the middle. */
function withoutEdges(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && text.charCodeAt(from) <= 0x20) from += 1;
  while (to > from && text.charCodeAt(to - 1) <= 0x20) to -= 1;
  return text.slice(from, to);
}

/** The visible text of an attribute, on one line, cut at 500 characters. */
export function shortText(text: string | undefined): string {
  return visibleShort(cutText(text ?? '', MAX_SHORT_TEXT))
    .replace(/\s+/g, ' ')
    .trim();
}

/** The same with all Markdown escaped. Use it only where a line has begun. */
export function shortMarkdown(text: string | undefined): string {
  return shortText(text)
    .replace(/[\\`*_[\]<|~]/g, '\\$&')
    .replace(REFERENCE, '\\&');
}

/** The title of a link or image in quotes, to follow the target; empty without a title. */
export function linkTitle(text: string | undefined): string {
  const title = shortMarkdown(text).replaceAll('"', '\\"');
  return title === '' ? '' : ` "${title}"`;
}
