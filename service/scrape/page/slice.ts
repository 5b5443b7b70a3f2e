import { cutText } from '../../well-formed.ts';

/** Part of a text, and whether more text follows. */
export interface Slice {
  readonly text: string;
  readonly isCut: boolean;
}

/** The longest start of a text within `maxBytes` of UTF-8; no character is split. */
export function cut(text: string, maxBytes: number): Slice {
  if (text.length * 3 <= maxBytes) return { text, isCut: false };
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes));
  return { text: text.slice(0, read), isCut: read < text.length };
}

/**
 * Part of a text by UTF-16 code units, well formed. If a client's index splits a character, its second half becomes
 * U+FFFD at the start; a character that would be split at the end is left to the next part.
 */
export function slice(text: string, start = 0, maxCharacters = text.length): Slice {
  const part = cutText(text.slice(start), maxCharacters);
  return { text: part, isCut: start + part.length < text.length };
}
