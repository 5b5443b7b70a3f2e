/** Pixels of one unit, for letters of 16 pixels and a window of 1000. Other units count as 10. */
const PIXELS = new Map([
  ['', 1],
  ['px', 1],
  ['cm', 96 / 2.54],
  ['mm', 96 / 25.4],
  ['q', 96 / 101.6],
  ['in', 96],
  ['pt', 96 / 72],
  ['pc', 16],
  ['rem', 16],
  ['ex', 8],
  ['ch', 8],
]);

const LENGTH = /(?<![\w#.-])([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(%|[a-z]*)/g;

/** Lengths in a value, in pixels. @param percent pixels of 1 % @param em pixels of 1em @default 10, 16 */
export function lengthsIn(value: string, percent = 10, em = 16): number[] {
  return [...value.matchAll(LENGTH)].map(([, number, unit = '']) => {
    const factor = unit === '%' ? percent : unit === 'em' ? em : (PIXELS.get(unit) ?? 10);
    return Number(number) * factor;
  });
}

/** Numbers in a value, percentages as parts of one. */
export function numbersIn(value: string): number[] {
  return lengthsIn(value, 0.01);
}

/** Whether every browser supports the value for any length property. */
export function isPlainLength(value: string): boolean {
  return /^(?:auto|none|normal|[+-]?(?:\d+|\d*\.\d+)(?:px|r?em|%|v[wh]|pt)|0)$/.test(value);
}
