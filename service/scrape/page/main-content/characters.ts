/**
 * Characters of a text between two of its indices that take up room on a page: a run of blanks counts once, blanks at
 * the beginning not at all. Characters as wide as those of Chinese count twice, since each says as much as several letters.
 */
export function charactersIn(text: string, from: number, to: number): number {
  let count = 0;
  let isAfterBlank = true;
  for (let index = from; index < to; index++) {
    const code = text.charCodeAt(index);
    const isBlank = code <= 0x20 || code === 0xa0;
    if (!isBlank) count += code >= 0x2e80 ? 2 : 1;
    else if (!isAfterBlank) count += 1;
    isAfterBlank = isBlank;
  }
  return count;
}
