import { startOf } from '../well-formed.ts';

/**
 * Characters that JSON leaves raw and that must not reach a reader of a log line: DEL and C1 (terminals obey them),
 * U+2028 and U+2029 (some readers break lines there), and everything without a visible form (bidi controls, zero width,
 * tags, variation selectors of plane 14). JSON.stringify itself escapes C0 and lone surrogates.
 */
const RAW = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|[\u{E0100}-\u{E01EF}]/u;
const EVERY_RAW = new RegExp(RAW, 'gu');
/** Most lines have only these, and searching for any other is ten times as fast as searching for RAW. */
const NOT_PRINTABLE_ASCII = /[^\x20-\x7e]/;

/** The value as one line of JSON, in which every character that could mislead a reader is written as `\uXXXX`. */
export function jsonLine(value: unknown): string {
  const line = JSON.stringify(value);
  return NOT_PRINTABLE_ASCII.test(line) && RAW.test(line) ? line.replace(EVERY_RAW, escapeUnits) : line;
}

const MAX_QUOTED = 128;
const WORD = /^[\w.+/:-]{1,128}$/;

/**
 * Untrusted text for the reason of a refusal: unchanged if it is one plain word, else quoted, with special characters
 * escaped, cut to 128 characters; `(none)` when there is none.
 */
export function quoted(text: string | undefined): string {
  if (text === undefined) return '(none)';
  if (WORD.test(text)) return text;
  return jsonLine(text.length > MAX_QUOTED ? `${startOf(text, MAX_QUOTED)}…` : text);
}

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, i) => unit(character.charCodeAt(i))).join('');
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
