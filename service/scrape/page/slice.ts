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
 * Part of a text by UTF-16 code units. A pair of surrogates is not cut in two: it belongs to the slice that its first half
 * is in, so that slices that follow each other are the whole text, whatever their bounds; none is longer than asked for but
 * by that half.
 */
export function slice(text: string, start = 0, maxCharacters = text.length): Slice {
  const from = boundary(text, start);
  const to = boundary(text, Math.max(start + maxCharacters, 0));
  return { text: text.slice(from, to), isCut: to < text.length };
}

/** The index, or the next where it is in the middle of a character. */
function boundary(text: string, index: number): number {
  const isInside = isLow(text.charCodeAt(index)) && isHigh(text.charCodeAt(index - 1));
  return isInside ? index + 1 : index;
}

const isHigh = (code: number) => code >= 0xd800 && code <= 0xdbff;
const isLow = (code: number) => code >= 0xdc00 && code <= 0xdfff;
