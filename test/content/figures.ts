/** Comparison of the found text with the expected text, as bags of words. */
export interface Figures {
  /** Share of found words that were expected; 1 when none was found. */
  readonly precision: number;
  /** Share of expected words that were found; 1 when none was expected. */
  readonly recall: number;
  /** How many words were found. */
  readonly count: number;
  /** Words found that were not expected, and words expected that were not found. */
  readonly more: readonly string[];
  readonly missing: readonly string[];
}

export function compare(found: string, expected: string): Figures {
  const got = wordsOf(found);
  const missing: string[] = [];
  const counts = new Map<string, number>();
  for (const word of got) counts.set(word, (counts.get(word) ?? 0) + 1);
  const wanted = wordsOf(expected);
  for (const word of wanted) {
    const count = counts.get(word) ?? 0;
    if (count === 0) missing.push(word);
    else counts.set(word, count - 1);
  }
  const more = [...counts].flatMap(([word, count]) => Array<string>(count).fill(word));
  return {
    precision: got.length === 0 ? 1 : 1 - more.length / got.length,
    recall: wanted.length === 0 ? 1 : 1 - missing.length / wanted.length,
    count: got.length,
    more,
    missing,
  };
}

/** The middle value, or the mean of the middle two. @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[Math.ceil(sorted.length / 2) - 1],
    sorted[Math.floor(sorted.length / 2)],
  ];
  return (low + high) / 2;
}

/** Runs of letters and digits, in lower case. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
