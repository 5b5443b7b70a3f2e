import { lengthsIn } from './lengths.ts';

/** Pixels by which margins, transforms and the like move text off every screen. */
export const FAR = 1000;

/** Radians of one unit. */
const RADIANS = new Map([
  ['deg', Math.PI / 180],
  ['grad', Math.PI / 200],
  ['rad', 1],
  ['turn', 2 * Math.PI],
]);

/** The functions of a value, without those inside their parentheses. */
export function functions(value: string): [name: string, inside: string][] {
  return [...value.matchAll(/(?<![a-z0-9-])([a-z][a-z0-9-]*)\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g)].map(
    ([, name = '', inside = '']) => [name, inside],
  );
}

/** Whether a `transform` moves off the screen, tilts to a line, or turns out of the plane until only an edge is seen. */
export function movesAway(value: string): boolean {
  const around = { x: 0, y: 0 };
  for (const [name, inside] of functions(value)) {
    const lengths = lengthsIn(inside, 4);
    const moved = name.startsWith('translate')
      ? lengths
      : name === 'matrix'
        ? lengths.slice(4)
        : name === 'matrix3d'
          ? lengths.slice(12, 14)
          : [];
    if (moved.some((pixels) => Math.abs(pixels) >= FAR)) return true;
    if (name.startsWith('skew') && anglesIn(inside).some((angle) => Math.abs(Math.cos(angle)) < 0.1))
      return true;
    if (name === 'rotate3d' && isTurnedAway(inside)) return true;
    if (name === 'rotatex') around.x += anglesIn(inside)[0] ?? 0;
    if (name === 'rotatey') around.y += anglesIn(inside)[0] ?? 0;
  }
  return isEdge(Math.cos(around.x)) || isEdge(Math.cos(around.y));
}

/** Whether a rotation around an axis, such as `x 90deg` or `1 0 0 90deg`, leaves only an edge visible. */
export function isTurnedAway(value: string): boolean {
  const angle = anglesIn(value)[0];
  if (angle === undefined) return false;
  const [x = 0, y = 0, z = 0] = /\bx\b/.test(value)
    ? [1]
    : /\by\b/.test(value)
      ? [0, 1]
      : lengthsIn(value.replace(/[\d.]+(?:deg|g?rad|turn)/, ''));
  const length = Math.hypot(x, y, z);
  // Rodrigues' formula gives the part of the side that still faces the reader; the axis is not the line of sight.
  return length > 0 && isEdge(Math.cos(angle) + (z / length) ** 2 * (1 - Math.cos(angle)));
}

const isEdge = (cosine: number) => Math.abs(cosine) < 0.05;

function anglesIn(value: string): number[] {
  return [...value.matchAll(/([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(deg|g?rad|turn)/g)].map(
    ([, number, unit = '']) => Number(number) * (RADIANS.get(unit) ?? 0),
  );
}
