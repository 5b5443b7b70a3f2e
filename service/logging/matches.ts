/**
 * Calls back for each match, left to right. As `matchAll`, but for the copy of the expression that makes for each text,
 * which is most of what a search of a short one costs.
 *
 * @param pattern with the flag `g`; never matches the empty text
 */
export function eachMatch(pattern: RegExp, text: string, use: (match: RegExpExecArray) => void): void {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) use(match);
}
