import { alphaOf, coloursIn } from './colour.ts';
import { isPlainLength, lengthsIn, numbersIn } from './lengths.ts';
import { FAR, functions, isTurnedAway, movesAway } from './transforms.ts';

/** Distance in pixels to the left or above at which a positioned box is off-screen; 100 % count as much. */
const FAR_BACK = 300;
const FAR_AHEAD = 10_000;
/** Opacity and scale at or below which text is unreadable. */
export const FAINT = 0.05;

/** Values of each property: the last one applies, preceded by fallbacks for browsers that do not support it. */
export type Style = ReadonlyMap<string, readonly string[]>;

const DISPLAY =
  /^(?:none|block|inline|inline-block|flex|inline-flex|grid|inline-grid|table|table-cell|table-row|list-item|contents|flow-root)$/;
const KEYWORDS = new Map<string, RegExp>([
  ['display', DISPLAY],
  ['visibility', /^(?:visible|hidden|collapse)$/],
  ['content-visibility', /^(?:visible|hidden|auto)$/],
  ['overflow', /^(?:visible|hidden|clip|scroll|auto)(?: (?:visible|hidden|clip|scroll|auto))?$/],
]);

/** Whether every browser supports the value, so that it replaces earlier ones. If unsure, false. */
export function replaces(property: string, value: string): boolean {
  // Its components are collected, because each has its own effect.
  if (property === 'background') return false;
  if (/^(?:inherit|initial|unset|revert)$/.test(value)) return true;
  if (property === 'opacity') return /^(?:\d+|\d*\.\d+)$/.test(value);
  return KEYWORDS.get(property)?.test(value) ?? isPlainLength(value);
}

/**
 * Whether the declarations of one element hide all its text, even if its descendants declare otherwise.
 *
 * @param isImage whether the content is as large as the box, so that it cannot overflow
 */
export function hides(style: Style, fontSize: number, isImage: boolean): boolean {
  const any = (test: (value: string) => boolean, ...properties: readonly string[]) =>
    properties.some((property) => style.get(property)?.some(test) === true);
  const clips =
    isImage ||
    any(
      (value) => !/^(?:visible|inherit|initial|unset|revert)$/.test(value),
      'overflow',
      'overflow-x',
      'overflow-y',
    ) ||
    any((value) => /paint|strict|content/.test(value), 'contain');
  return (
    any((value) => value === 'none', 'display') ||
    any((value) => value === 'hidden', 'content-visibility') ||
    any((value) => isFar(value, 10) || isFarBack(value), 'top', 'bottom', ...SIDES, ...INSETS) ||
    any((value) => isPast(value, 200), ...SIDES) ||
    (any((value) => value === 'fixed', 'position') &&
      any((value) => isPast(value, 100), 'top', 'bottom', ...SIDES, ...INSETS)) ||
    (any((value) => isFar(value, 4), ...MARGINS) && !any(isWide, ...PADDINGS)) ||
    any((value) => lengthsIn(value).some((pixels) => Math.abs(pixels) >= FAR), 'text-indent') ||
    any((value) => lengthsIn(value, 4).some((pixels) => Math.abs(pixels) >= FAR), 'translate') ||
    any(movesAway, 'transform') ||
    any(isTurnedAway, 'rotate') ||
    any(isClearMask, 'mask', 'mask-image') ||
    any((value) => /blur\(/.test(value) && lengthsIn(value).some((pixels) => pixels >= 8), 'filter') ||
    any((value) => isEmptyRect(value), 'clip') ||
    any(isEmptyShape, 'clip-path') ||
    any(
      (value) => lengthsIn(value, 0, fontSize).some((pixels) => pixels <= -5 && pixels <= -fontSize / 2),
      'letter-spacing',
    ) ||
    (clips && any(isNothing, ...WIDTHS) && !any(isSome, 'min-width', 'min-inline-size')) ||
    (clips && any(isNothing, ...HEIGHTS) && !any(isSome, 'min-height', 'min-block-size')) ||
    (clips && any((value) => numbersIn(value).some((number) => number <= FAINT), 'line-height'))
  );
}

const SIDES = ['left', 'right', 'inset-inline', 'inset-inline-start', 'inset-inline-end'];
const INSETS = ['inset', 'inset-block', 'inset-block-start', 'inset-block-end'];
const MARGINS = [
  'margin',
  'margin-left',
  'margin-right',
  'margin-top',
  'margin-inline',
  'margin-inline-start',
  'margin-block-start',
];
const WIDTHS = ['width', 'max-width', 'inline-size', 'max-inline-size'];
const HEIGHTS = ['height', 'max-height', 'block-size', 'max-block-size'];

/** With equally wide padding, a margin moves the box but not its text. */
const PADDINGS = ['padding', 'padding-left', 'padding-inline', 'padding-inline-start'];

function isWide(value: string): boolean {
  return lengthsIn(value).some((pixels) => pixels >= FAR);
}

function isNothing(value: string): boolean {
  const lengths = lengthsIn(value);
  return lengths.length > 0 && lengths.every((pixels) => pixels <= 4);
}

/** Whether a minimum size makes a box of size zero visible. */
function isSome(value: string): boolean {
  return lengthsIn(value).some((pixels) => pixels >= 10);
}

/** Visibility of the element's text after opacity, filters and scales, from 0 to 1. */
export function strength(style: Style): number {
  const factors = [
    ...(style.get('opacity') ?? []).map((value) => numbersIn(value)[0]),
    ...(style.get('filter') ?? []).flatMap((value) =>
      [...value.matchAll(/opacity\(([^()]*)\)/g)].map(([, inside = '']) => numbersIn(inside)[0]),
    ),
    ...(style.get('scale') ?? []).flatMap((value) => numbersIn(value).slice(0, 2)),
    ...(style.get('zoom') ?? []).map((value) => numbersIn(value)[0]),
    ...(style.get('transform') ?? []).flatMap((value) =>
      functions(value).flatMap(([name, inside]) => {
        const numbers = numbersIn(inside);
        if (name === 'matrix') return [area(numbers, 0, 1, 2, 3)];
        if (name === 'matrix3d') return [area(numbers, 0, 1, 4, 5)];
        return /^scale(?:x|y|3d)?$/.test(name) ? numbers.slice(0, 2) : [];
      }),
    ),
  ];
  return factors.reduce<number>((product, factor = 1) => product * Math.min(1, Math.abs(factor)), 1);
}

function area(m: readonly number[], a: number, b: number, c: number, d: number): number {
  return Math.sqrt(Math.abs((m[a] ?? 1) * (m[d] ?? 1) - (m[b] ?? 0) * (m[c] ?? 0)));
}

function isFar(value: string, percent: number): boolean {
  const computed = value.includes('(');
  return lengthsIn(value, percent).some(
    (pixels) => pixels <= -FAR || pixels >= FAR_AHEAD || (computed && pixels >= FAR),
  );
}

function isFarBack(value: string): boolean {
  return lengthsIn(value, 3).some((pixels) => pixels <= -FAR_BACK);
}

/** Whether a length is at least this many percent of the box around it, or 100 % of the window. */
function isPast(value: string, percent: number): boolean {
  return value.split(' ').some((part) => {
    const [, number, unit] = /^\+?([\d.]+)(%|[sld]?v[wihb])$/.exec(part) ?? [];
    return Number(number) >= (unit === '%' ? percent : 100);
  });
}

/** Whether a `rect(top, right, bottom, left)` is at most one pixel wide or high. */
function isEmptyRect(value: string): boolean {
  const [top, right, bottom, left] = value.startsWith('rect(') ? lengthsIn(value) : [];
  if (top === undefined || right === undefined || bottom === undefined || left === undefined) return false;
  return right - left <= 1 || bottom - top <= 1;
}

/** Whether a mask consists only of transparent gradients. */
function isClearMask(value: string): boolean {
  const alphas = coloursIn(value).map((colour) => alphaOf(colour) ?? 1);
  return alphas.length > 0 && !value.includes('url(') && alphas.every((alpha) => alpha <= FAINT);
}

function isEmptyShape(value: string): boolean {
  return functions(value).some(([name, inside]) => {
    const numbers = lengthsIn(inside.split(/ (?:round|at) /)[0] ?? '', 10);
    if (name === 'inset') {
      const [top = 0, right = top, bottom = top, left = right] = numbers;
      return top + bottom >= FAR - 1 || left + right >= FAR - 1;
    }
    if (name === 'circle' || name === 'ellipse') return numbers.some((radius) => radius <= 1);
    if (name === 'rect') return isEmptyRect(`rect(${inside})`);
    if (name === 'xywh') return numbers.slice(2).some((size) => size <= 1);
    if (name !== 'polygon') return false;
    const [xs, ys] = [0, 1].map((axis) => numbers.filter((_number, index) => index % 2 === axis));
    return [xs, ys].some((axis = []) => Math.max(...axis) - Math.min(...axis) <= 1);
  });
}
