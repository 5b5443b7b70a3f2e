/**
 * The start of a text, at most `length` UTF-16 units, cut between two characters and well formed: what was half a
 * character before is U+FFFD. JSON carries half a character as an escape, which clients in Python cannot read, so that
 * they lose the whole answer. Texts from outside are shortened by this and never by `slice`.
 */
export function cutText(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  const isHalf = text.length > length && last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHalf ? length - 1 : length).toWellFormed();
}
