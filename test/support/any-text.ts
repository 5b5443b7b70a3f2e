import { fc } from './property.ts';

/** Code points of UTF-16 that are halves of a pair, and no characters. */
const SURROGATES = { first: 0xd800, count: 0x800 };

/**
 * Every code point: the values of fast-check's unit `binary`, in its order. fast-check needs a table of all 1.1 million
 * of them for the way back from a character to its number, which takes a second and 100 MB in each process.
 */
const codePoint = fc.nat({ max: 0x10ffff - SURROGATES.count }).map(
  (index) => String.fromCodePoint(index < SURROGATES.first ? index : index + SURROGATES.count),
  (text) => {
    const point = typeof text === 'string' ? text.codePointAt(0) : undefined;
    if (point === undefined || String.fromCodePoint(point) !== text) throw new Error('not one code point');
    if (point < SURROGATES.first) return point;
    if (point < SURROGATES.first + SURROGATES.count) throw new Error('half of a pair');
    return point - SURROGATES.count;
  },
);

/** Texts of any characters. */
export const anyText = (constraints: { readonly maxLength?: number } = {}) =>
  fc.string({ ...constraints, unit: codePoint });

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const percentEncoded = (character: string) => {
  const encoded = encodeURIComponent(character);
  return encoded === character ? `%${character.charCodeAt(0).toString(16)}` : encoded;
};
const urlText = (others: string, maxLength = 10) =>
  fc.string({
    maxLength,
    unit: fc.oneof(
      { weight: 10, arbitrary: fc.constantFrom(...LETTERS, ...others) },
      { weight: 1, arbitrary: codePoint.map(percentEncoded) },
    ),
  });
const SEGMENT = "-._~!$&'()*+,;=:@";
const orNone = (before: string) =>
  fc.option(
    urlText(`${SEGMENT}/?`).map((text) => before + text),
    { nil: '' },
  );

/** URLs of the web with paths, queries and fragments, as `fc.webUrl` makes them without that table. */
export const anyUrl = () =>
  fc
    .tuple(
      fc.constantFrom('http', 'https'),
      fc.webAuthority(),
      fc.oneof(
        fc.array(urlText(SEGMENT, 1), { maxLength: 10 }),
        fc.array(urlText(SEGMENT), { maxLength: 1 }),
      ),
      orNone('?'),
      orNone('#'),
    )
    .map(([scheme, host, path, query, fragment]) =>
      [scheme, '://', host, ...path.map((segment) => `/${segment}`), query, fragment].join(''),
    );
