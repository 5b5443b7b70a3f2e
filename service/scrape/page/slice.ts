import { cutText } from '../../well-formed.ts';

/** Part of a text, and whether there was more after it. */
export interface Slice {
  readonly text: string;
  readonly isCut: boolean;
}

/** The longest start of a text that is no longer than `maxBytes` in UTF-8; no character is cut in two. */
export function cut(text: string, maxBytes: number): Slice {
  if (text.length * 3 <= maxBytes) return { text, isCut: false };
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes));
  return { text: text.slice(0, read), isCut: read < text.length };
}

/**
 * Part of a text by UTF-16 code units, well formed: the half of a character that it begins with, where a client names such
 * an index, is U+FFFD, and one that it would end with is left to the next part.
 */
export function slice(text: string, start = 0, maxCharacters = text.length): Slice {
  const part = cutText(text.slice(start), maxCharacters);
  return { text: part, isCut: start + part.length < text.length };
}
