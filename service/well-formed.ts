/** The start of a text, at most `max` UTF-16 units, cut between two code points. Lone surrogates stay as they are. */
export function startOf(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? max - 1 : max);
}

/**
 * The same, well formed: a lone surrogate becomes U+FFFD. JSON escapes lone surrogates, and clients in Python fail to
 * read the whole response because of one. Shorten untrusted texts for clients with this and never with `slice`.
 */
export function cutText(text: string, max: number): string {
  return startOf(text, max).toWellFormed();
}
