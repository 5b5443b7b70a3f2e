/**
 * Visible characters of a text between two indices: a run of blanks counts once, leading blanks not at all. Wide
 * characters such as Chinese count twice, because each carries as much as several letters.
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
