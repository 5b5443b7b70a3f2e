/**
 * The start of a text, at most `length` UTF-16 units, cut between two characters and well formed: a lone surrogate
 * becomes U+FFFD. JSON escapes lone surrogates, and clients in Python fail to read the whole response because of one.
 * Shorten untrusted texts with this and never with `slice`.
 */
export function cutText(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  const isHalf = text.length > length && last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHalf ? length - 1 : length).toWellFormed();
}
