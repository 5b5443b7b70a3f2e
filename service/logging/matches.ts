/**
 * Calls back for each match, left to right. Like `matchAll`, but without the copy of the expression that `matchAll`
 * makes for each text, which is most of the cost of searching a short one.
 *
 * @param pattern with the flag `g`; never matches the empty text
 */
export function eachMatch(pattern: RegExp, text: string, use: (match: RegExpExecArray) => void): void {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) use(match);
}
