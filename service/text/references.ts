/** Named character references to invisible characters (WHATWG HTML §13.5); only `shy` needs no semicolon. */
const NAMED = new Map<string, string>([
  ...[
    'ZeroWidthSpace',
    'NegativeMediumSpace',
    'NegativeThickSpace',
    'NegativeThinSpace',
    'NegativeVeryThinSpace',
  ].map((name) => [name, '\u200b'] as const),
  ['zwnj', '\u200c'],
  ['zwj', '\u200d'],
  ['lrm', '\u200e'],
  ['rlm', '\u200f'],
  ['NoBreak', '\u2060'],
  ['ApplyFunction', '\u2061'],
  ['af', '\u2061'],
  ['InvisibleTimes', '\u2062'],
  ['it', '\u2062'],
  ['InvisibleComma', '\u2063'],
  ['ic', '\u2063'],
  ['shy', '\u00ad'],
]);

const TEXT = /[^&]{1,16384}/y;
const REFERENCE = new RegExp(
  `&(?:#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?|(${[...NAMED.keys()].join('|')});|(shy))`,
  'y',
);
const SEEN =
  /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]$/u;

/** HTML in which references to invisible characters are replaced by those characters; other references stay. */
export function* decodeInvisible(source: string): Generator<string> {
  let at = 0;
  while (at < source.length) {
    TEXT.lastIndex = at;
    REFERENCE.lastIndex = at;
    const text = TEXT.exec(source)?.[0];
    const reference = text === undefined ? REFERENCE.exec(source) : null;
    at += text?.length ?? reference?.[0].length ?? 1;
    yield text ?? (reference === null ? '&' : decoded(reference));
  }
}

/** Whether HTML text ends within a possible reference. @param before whether the text before it did */
export function endsInReference(text: string, before: boolean): boolean {
  let end = text.length;
  while (end > 0 && /[#\w]/.test(text.charAt(end - 1))) end -= 1;
  return end === 0 ? before : text.charAt(end - 1) === '&';
}

/** Whether this character would continue an open reference. */
export function continuesReference(character: string): boolean {
  return /^[#;\w]/.test(character);
}

function decoded([reference, hexadecimal, decimal, name, shy]: RegExpExecArray): string {
  const named = name ?? shy;
  if (named !== undefined) return NAMED.get(named) ?? '';
  const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
  // Parsed as windows-1252, where all but five are visible; a tab or line break hides nothing.
  if (
    (code >= 0x80 && code <= 0x9f && ![0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(code)) ||
    code === 9 ||
    code === 10
  ) {
    return reference;
  }
  if (code === 0 || code > 0x10ffff) return '\ufffd';
  const character = String.fromCodePoint(code);
  return SEEN.test(character) ? reference : character;
}
