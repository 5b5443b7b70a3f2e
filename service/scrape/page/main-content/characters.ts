/** Characters that take up room on the page: a run of blanks counts once, a wide character twice. */
export function charactersIn(text: string, start: number, end: number): number {
  let count = 0;
  let afterBlank = true;
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    const isBlank = code <= 32 || code === 0xa0;
    if (!isBlank) count += code >= 0x2e80 && code <= 0xffdc ? 2 : 1;
    else if (!afterBlank) count += 1;
    afterBlank = isBlank;
  }
  return count;
}
