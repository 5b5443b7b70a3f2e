/**
 * Controls, formatting characters, characters that fonts draw as nothing, and ranges that Unicode reserves for such.
 * Not included: line breaks, tabs, and formatting characters with a visible form (the Arabic, Syriac and Kaithi signs
 * before a number). Blanks and private use characters stay.
 */
const INVISIBLE =
  '(?![\\t-\\r\\x85\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u{110bd}\\u{110cd}])' +
  '[\\p{Cc}\\p{Cf}\\p{Default_Ignorable_Code_Point}]';

/**
 * Terminal sequences (ECMA-48): a control string up to its end, within 2048 characters; else a control sequence; else
 * an escape with its final character. An unterminated control string loses only its first characters.
 */
const ESCAPE =
  '(?:\\x1b[\\]PX^_]|[\\x9d\\x90\\x98\\x9e\\x9f])[^\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f]{0,2048}(?:\\x07|\\x1b\\\\|\\x9c)|' +
  '(?:\\x1b\\[|\\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]|\\x1b[ -/]{0,8}[0-~]';

/** Code points that are not characters and never will be. */
const NO_CHARACTER = '[\\p{Cs}\\p{Noncharacter_Code_Point}]';

/** Text whose characters are all visible and stay unchanged: most of the text of most pages. */
export const ASCII = /[\t\n\x20-\x7e]{1,16384}/y;
/** All invisible characters and noncharacters, including those that break lines. */
export const UNSEEN = new RegExp(`${INVISIBLE}|${NO_CHARACTER}|[\\t-\\r\\x85\\u2028\\u2029]`, 'gu');

/** Matches the visible text from `lastIndex` on; the number of characters of one step is bounded. */
export const PLAIN = new RegExp(
  `(?:(?!${INVISIBLE}|${NO_CHARACTER})[^\\r\\v\\f\\x85\\u2028\\u2029]){1,16384}`,
  'uy',
);
export const HIDDEN = new RegExp(`(?:${ESCAPE}|${INVISIBLE}){1,4096}`, 'uy');
export const BREAK = /\r\n|[\r\v\f\x85\u2028\u2029]/uy;

/** Scripts whose letters join, form one sign, or do not, through U+200C and U+200D (Unicode 17, §23.2). */
const JOINING =
  'Adlm Arab Beng Brah Cham Deva Gran Gujr Guru Java Khmr Knda Kthi Lana Lao Limb Mand Mlym Mong Mymr Nkoo Orya Phag ' +
  'Phlp Rohg Sinh Sogd Sylo Syrc Takr Taml Telu Thaa Thai Tibt Tirh';
const JOINED = new RegExp(
  `^(?=[\\p{L}\\p{M}])[${JOINING.split(' ')
    .map((script) => `\\p{scx=${script}}`)
    .join('')}]$`,
  'u',
);
const PICTURE = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}]$/u;
const ZWNJ = '\u200c';
const ZWJ = '\u200d';

/** The flags of England, Scotland and Wales: the only legitimate tag characters (RGI_Emoji_Tag_Sequence). */
const BLACK_FLAG = '\u{1f3f4}';
const FLAG_TAGS = ['gbeng', 'gbsct', 'gbwls'].map(
  (region) =>
    `${[...region].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')}\u{e007f}`,
);

/**
 * The part of a run of invisible characters that stays between two visible ones: the rest of a flag, one variation
 * selector after a character that has variants, one joiner where letters or emoji join. A longer run is not writing.
 *
 * @param before the character before the run, empty at the start
 * @param after the character after the run, empty at the end
 */
export function keptOf(run: string, before: string, after: string): string {
  const flag = before === BLACK_FLAG ? FLAG_TAGS.find((tags) => run.startsWith(tags)) : undefined;
  if (flag !== undefined) return flag;
  const [first = ''] = run;
  const variant = isVariant(first, before, run === first ? after : '') ? first : '';
  const joiner = run.slice(variant.length);
  if (joiner !== ZWJ && joiner !== ZWNJ) return variant;
  const joinsPictures = joiner === ZWJ && PICTURE.test(before) && PICTURE.test(after);
  const joinsLetters = variant === '' && JOINED.test(before) && (joiner === ZWJ || JOINED.test(after));
  return joinsPictures || joinsLetters ? run : variant;
}

/** Of the 256 selectors, those in real use: one for an emoji, a few for an ideograph. */
function isVariant(selector: string, before: string, after: string): boolean {
  if (/^[0-9#*]$/.test(before)) return selector === '\ufe0f' && after === '\u20e3';
  if (/^[\ufe0e\ufe0f]$/.test(selector)) return /^\p{Emoji}$/u.test(before);
  if (/^[\ufe01\ufe02\u{e0100}-\u{e010f}]$/u.test(selector)) return /^\p{Unified_Ideograph}$/u.test(before);
  if (selector === '\ufe00') return /^[\p{Unified_Ideograph}\p{Sm}]$/u.test(before);
  return /^[\u180b-\u180d\u180f]$/.test(selector) && /^(?=\p{L})\p{Script=Mongolian}$/u.test(before);
}
