/** How the text that was found compares with the text that was expected, as bags of words. */
export interface Figures {
  readonly name: string;
  /** Share of the words found that were expected; 1 when none was found. */
  readonly precision: number;
  /** Share of the words expected that were found; 1 when none was expected. */
  readonly recall: number;
  /** Words found. */
  readonly count: number;
  readonly more: string;
  readonly missing: string;
  readonly isWhole: boolean;
  readonly milliseconds: number;
}

/** Words of letters and digits, in lower case. */
export function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

export function compare(
  name: string,
  got: readonly string[],
  expected: readonly string[],
): Omit<Figures, 'isWhole' | 'milliseconds'> {
  const left = new Map<string, number>();
  for (const word of expected) left.set(word, (left.get(word) ?? 0) + 1);
  const more: string[] = [];
  for (const word of got) {
    const count = left.get(word) ?? 0;
    if (count === 0) more.push(word);
    else left.set(word, count - 1);
  }
  const missing = expected.filter((word) => {
    const count = left.get(word) ?? 0;
    if (count > 0) left.set(word, count - 1);
    return count > 0;
  });
  const shared = got.length - more.length;
  return {
    name,
    precision: got.length === 0 ? 1 : shared / got.length,
    recall: expected.length === 0 ? 1 : shared / expected.length,
    count: got.length,
    more: more.slice(0, 150).join(' '),
    missing: missing.slice(0, 150).join(' '),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return (
    ((sorted[middle] ?? 0) +
      (sorted[Math.ceil(sorted.length / 2) - 1 + (sorted.length % 2 === 0 ? 0 : 0)] ?? 0)) /
    2
  );
}
