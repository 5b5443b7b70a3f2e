import type { Check } from '../../check.ts';
import { fail } from '../../verdict.ts';
import { countsOf, passWhole, placesOf, textsOf } from './texts.ts';

/** Ranges of code points: tags, variation selectors, zero-width, direction changes, invisible operators, fillers, escapes. */
const RANGES: readonly (readonly [from: number, to: number])[] = [
  ...([
    [0xe0000, 0xe007f],
    [0xe0100, 0xe01ef],
    [0x202a, 0x202e],
    [0x2066, 0x2069],
    [0x2060, 0x2064],
  ] as const),
  ...([0x200b, 0xfeff, 0x180e, 0x3164, 0x115f, 0x1160, 0x1b] as const).map(
    (point) => [point, point] as const,
  ),
];
/** Joiners are part of many scripts and of emoji, but not of words of Latin letters. */
const JOINER = /[A-Za-z]([\u200C\u200D])(?=[A-Za-z])/g;
/** A flag such as that of Scotland consists of a black flag and tags. */
const FLAGS = /\u{1F3F4}[\u{E0020}-\u{E007E}]{1,8}\u{E007F}/gu;

export const definitionsInvisible: Check = {
  id: 'definitions/invisible',
  title: 'Definitions contain no invisible characters',
  fault: 'Definitions contain invisible characters',
  severity: 'high',
  why: 'The model reads text that no reviewer sees',
  sends: 'nothing; reads the names, descriptions, schemas and instructions that the server lists',
  fix: 'Remove the characters. If you did not write them, treat the server as compromised',
  reference: 'OWASP MCP Top 10, Tool Poisoning; CWE-1007; Unicode Technical Standard 39',
  baseline: 'access',
  async run(probe) {
    const texts = (await textsOf(probe)).map((one) => ({ ...one, hidden: hiddenIn(one.text) }));
    const found = texts.filter(({ hidden }) => hidden.length > 0);
    if (found.length === 0) return passWhole(probe, countsOf(probe));
    const said = found.map(({ where, hidden }) => {
      const points = [...new Set(hidden.map(nameOf))].slice(0, 4);
      return `${where}: ${hidden.length} times, ${points.join(' ')}`;
    });
    const isStray = found.every(({ hidden }) => hidden.length <= MAX_STRAY && hidden.every(isZeroWidth));
    return fail(placesOf(said), isStray ? 'low' : undefined);
  },
};

/** A few zero-width characters are left of a copied text. More could spell a message. */
const MAX_STRAY = 4;
const isZeroWidth = (character: string) => ['\u200B', '\u2060', '\uFEFF'].includes(character);

function hiddenIn(text: string): readonly string[] {
  const plain = text.replace(/^\uFEFF/, '').replace(FLAGS, '');
  const joiners = [...plain.matchAll(JOINER)].map(([, joiner = '']) => joiner);
  return [...joiners, ...[...plain].filter(isInvisible)];
}

function isInvisible(character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  return RANGES.some(([from, to]) => point >= from && point <= to);
}

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
