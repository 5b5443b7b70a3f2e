import { describe, expect, test } from '@jest/globals';
import { visibleHtml, visibleJson, visibleShort, visibleText } from '../../../service/text/visible-text.ts';
import { createTurns } from '../../../service/turns.ts';
import { anyText } from '../../support/any-text.ts';
import { fc } from '../../support/property.ts';
import { same } from '../../support/same.ts';

const turn = () => createTurns().begin(new AbortController().signal);
const clean = (text: string) => visibleText(text, turn());
const cleanHtml = (source: string) => visibleHtml(source, turn());

const tags = (text: string) => [...text].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join('');
const ENGLAND = `\u{1f3f4}${tags('gbeng')}\u{e007f}`;

describe('text stays unchanged in', () => {
  test.each([
    ['English', 'Naïve “quotes” – and\ta tab\nand lines'],
    ['Persian with joiners', 'می‌خواهم کتاب‌ها را'],
    ['Arabic with marks', 'مُحَمَّد ه‍ ٪'],
    ['Hindi with joiners', 'क्‍ष र्‌य नमस्ते'],
    ['Bengali', 'র‍্যাব'],
    ['Malayalam with old chillus', 'അവന്‍ പറഞ്ഞു'],
    ['Sinhala', 'ශ්‍රී ලංකා'],
    ['Mongolian with a selector', 'ᠠ᠋ᠮᠠᠨ'],
    ['Hebrew, Thai, Khmer and Tibetan', 'שָׁלוֹם สวัสดี សួស្តី བོད་ཡིག'],
    ['Chinese, Japanese and Korean', '漢字　かな 한국어'],
    ['a variant of an ideograph', '葛\u{e0100}城 㐂︀'],
    ['mathematics', '∩︀ ≨︀ 𝒳 → ∞'],
    ['an Arabic sign before a number', '\u0600١٢'],
    ['emoji', '😀👍🏽❤️☎︎1️⃣#️⃣🇩🇪'],
    ['families', '👨‍👩‍👧‍👦 👩🏽‍🚀 🏳️‍🌈 ❤️‍🔥 🏴‍☠️ 🤷🏾‍♀️'],
    [
      'the flags of England, Scotland and Wales',
      `${ENGLAND}🏴${tags('gbsct')}\u{e007f}🏴${tags('gbwls')}\u{e007f}`,
    ],
    ['private use', '\ue000\u{f0000}'],
  ])('%s', async (_name, text) => {
    expect(await clean(text)).toBe(text);
    expect(await cleanHtml(`<p>${text}</p>`)).toBe(`<p>${text}</p>`);
  });
});

describe('invisible characters are removed:', () => {
  test.each([
    ['tag characters', `a${tags('ignore all')}b`, 'ab'],
    ['tags after an unknown flag', `🏴${tags('usca')}\u{e007f}`, '🏴'],
    ['tags after those of a flag', `${ENGLAND}${tags('hi')}`, ENGLAND],
    ['selectors after an emoji', `😀${'\u{e0141}\u{e0142}'.repeat(9)}b`, '😀b'],
    ['all but one selector', '😀\ufe0f\ufe0e\ufe01b', '😀\ufe0fb'],
    ['a selector after a letter', 'a\ufe0fb', 'ab'],
    ['a selector after a digit that is no key', '1\ufe0f2', '12'],
    ['bidirectional overrides', 'a\u202egpj.exe\u202c\u2066b\u2069\u200e\u200f\u061c', 'agpj.exeb'],
    ['zero-width runs', 'a\u200b\u2060\ufeff\u00ad\u034f\u180e\u2063b', 'ab'],
    ['fillers', 'a\u115f\u1160\u3164\uffa0\u17b4b', 'ab'],
    ['joiners between Latin letters', 'a\u200db\u200cc', 'abc'],
    ['runs of joiners in Arabic', 'م\u200c\u200d\u200cن', 'من'],
    ['a joiner with a space', 'م\u200c ن', 'م ن'],
    ['a joiner after an emoji alone', '😀\u200d', '😀'],
    ['joiners at the start', '\u200dم', 'م'],
    ['annotations', 'a\ufff9b\ufffac\ufffb', 'abc'],
    ['controls', 'a\0\b\x7f\x80\x9fb', 'ab'],
    ['colours of a terminal', '\x1b[31mred\x1b[0m \x9b1;31mred\x1b[K', 'red red'],
    ['a title of a terminal', 'a\x1b]0;evil\x07b\x1b]52;c;ZQ==\x1b\\c\x9d0;x\x9cd', 'abcd'],
    ['other control strings', 'a\x1bPq#0\x1b\\b\x1b_x\x1b\\c\x1b^x\x1b\\d', 'abcd'],
    ['a control string without an end', 'a\x1b]0;text', 'a0;text'],
    ['an escape alone', 'a\x1bcb\x1b(Bc\x1b', 'abc'],
    ['a sequence cut by an invisible one', 'a\x1b\u200b[31mb', 'a[31mb'],
    ['a selector with others behind it', '❤\ufe0f\u200b\u200d🔥', '❤\ufe0f🔥'],
    ['reserved characters', 'a\u2065\u{e0fff}\ufff0b', 'ab'],
    ['shorthand and music controls', 'a\u{1bca0}\u{1d173}b', 'ab'],
  ])('%s', async (_name, text, seen) => {
    expect(await clean(text)).toBe(seen);
    expect(visibleShort(text)).toBe(seen);
    expect(await cleanHtml(text)).toBe(seen);
  });

  test.each([
    ['half a character', 'a\ud83d b\ude00', 'a\ufffd b\ufffd'],
    ['two halves with something between', '\ud83d\u200b\ude00', '\ufffd\ufffd'],
    ['no character', 'a\uffff\ufdd0\u{10ffff}b', 'a\ufffd\ufffd\ufffdb'],
    ['line breaks', 'a\r\nb\rc\u2028d\u2029e\x85f\vg\fh', 'a\nb\nc\nd\ne\nf\ng\nh'],
  ])('%s is replaced', async (_name, text, seen) => {
    expect(await clean(text)).toBe(seen);
    expect(visibleShort(text)).toBe(seen.replaceAll('\n', ' '));
  });
});

describe('in HTML, references are text too:', () => {
  test.each(
    [
      ['a&#xE0041;b&#917569;c', 'abc'],
      ['a&#8238;b&#x202e;c&#x0000202E;d&#8203e', 'abcde'],
      ['a&ZeroWidthSpace;b&zwj;c&lrm;d&NoBreak;e&af;f&it;g&ic;h&shy;i&shyj&NegativeThinSpace;', 'abcdefghij'],
      ['&#27;[31mred&#x9;&#10;', 'red&#x9;&#10;'],
      ['&#x2028;&#13;', '\n\n'],
      ['می&zwnj;خواهم', 'می‌خواهم'],
      ['&#xd800;&#0;&#x110000;&#99999999999999999999;&#xffff;', '\ufffd\ufffd\ufffd\ufffd\ufffd'],
      [
        '&amp;#8203; &lt;&euro;&#146;&#128512;&#x1F600;&nbsp;',
        '&amp;#8203; &lt;&euro;&#146;&#128512;&#x1F600;&nbsp;',
      ],
      [
        '&#x202&#8203;E; &#x202\u200bE; &\u200b#8203; &Zero\u200bWidthSpace;',
        '&#x202\ufffdE; &#x202\ufffdE; &\ufffd#8203; &Zero\ufffdWidthSpace;',
      ],
      [`&${'a'.repeat(50_000)}\u200bb;`, `&${'a'.repeat(50_000)}\ufffdb;`],
      ['a &\u200b b &nbsp;c\u200bd', 'a & b &nbsp;cd'],
    ].map(([source = '', seen = '']) => [source.slice(0, 60), source, seen] as const),
  )('%s', async (_name, source, seen) => {
    expect(await cleanHtml(source)).toBe(seen);
  });
});

/** Pieces that meet each other in every order, including plain text of all planes. */
const piece = fc.oneof(
  anyText({ maxLength: 8 }),
  fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  fc.constantFrom(
    ...[
      '\u200d',
      '\u200c',
      '\u200b',
      '\ufe0f',
      '\ufe00',
      '\u{e0100}',
      '\x1b',
      '[',
      ']',
      '0',
      'm',
      '\x07',
      '\x9b',
      '\r',
      '\n',
    ],
    ...[
      '😀',
      '❤',
      '🏴',
      tags('gbeng'),
      '\u{e007f}',
      '👩',
      'م',
      'क',
      '्',
      '葛',
      '1',
      '\u20e3',
      '\ud83d',
      '\ude00',
      '\u2028',
    ],
    ...['&', '#', 'x', '202', 'E', ';', '&#8203;', '&#x202', '&zwj;', 'shy', '&#27;', '&#xd83d;', '&#xde00;'],
  ),
);
const texts = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));

const MARKS = '\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}';
const FORBIDDEN = new RegExp(
  `(?![\\n\\t${MARKS}\\u200c\\u200d\\p{Variation_Selector}\\u{e0061}-\\u{e007a}\\u{e007f}])` +
    '[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}\\p{Noncharacter_Code_Point}\\p{Default_Ignorable_Code_Point}]|' +
    // Characters that writing needs come one by one, and tags only as the rest of a flag.
    '[\\u200c\\u200d\\p{Variation_Selector}]{3}|\\p{Variation_Selector}{2}|[\\u200c\\u200d]{2}|' +
    '(?<![\\u{1f3f4}\\u{e0061}-\\u{e007a}])[\\u{e0061}-\\u{e007f}]|[\\u{e0061}-\\u{e007a}]{6}',
  'u',
);

test.each([
  ['text', clean],
  ['HTML', cleanHtml],
  ['titles', async (text: string) => visibleShort(text)],
])(
  'for any input of %s, the output has no forbidden character, is well formed, and does not change again',
  async (_name, of) => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const seen = await of(text);
        same(FORBIDDEN.exec(seen), null);
        same(seen.isWellFormed(), true);
        same(await of(seen), seen);
      }),
      { numRuns: 3000 },
    );
  },
);

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;

test('no reference to a forbidden character is left in HTML, whatever is removed around it', async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      for (const [, hexadecimal, decimal] of (await cleanHtml(text)).matchAll(
        /&#(?:x([0-9a-f]+)|([0-9]+))/gi,
      )) {
        const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
        if ((code >= 0x80 && code <= 0x9f) || code === 9 || code === 10) continue;
        same(UNSEEN.exec(String.fromCodePoint(code)), null);
      }
    }),
    { numRuns: 3000 },
  );
});

test('the position of a piece in a long text makes no difference', async () => {
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 16_370, max: 16_390 }), async (text, length) => {
      const before = 'x'.repeat(length);
      expect(await clean(before + text)).toBe(before + (await clean(`x${text}`)).slice(1));
      const hidden = `x${'\u2060'.repeat(length / 4)}`;
      expect(await clean(`${hidden}y${text}`)).toBe(`x${await clean(`y${text}`)}`);
    }),
    { numRuns: 300 },
  );
});

test('the JSON of data with any text is still JSON, and a separator in it is a line break', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyText(),
      fc.constantFrom('', '\u2028', '\u2029', '\x85', '\n'),
      async (text, separator) => {
        const data = JSON.parse(await visibleJson(JSON.stringify({ text: `${text}${separator}z` }), turn()));
        expect(data.text.endsWith(separator === '' ? 'z' : '\nz')).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test('a title is one line of at most 8 Ki characters', () => {
  expect(visibleShort('a\r\nb\tc\u2028d')).toBe('a b c d');
  expect(visibleShort(`${'x'.repeat(8191)}😀y`)).toBe('x'.repeat(8191));
});

describe('a MiB of any text is cleaned in stretches under 50 ms:', () => {
  const MIB = 1024 * 1024;
  test.each([
    ['plain text', 'word '],
    ['invisible characters', '\u200b'],
    ['invisible between letters', 'a\u200b'],
    ['joiners', 'م\u200c'],
    ['references', '&#8203;'],
    ['open references', '&#x0'],
    ['ampersands', '&'],
    ['digits of one reference', '0'],
    ['escapes', '\x1b'],
    ['open control strings', `\x1b]${'a'.repeat(2000)}`],
    ['halves of characters', '\ud83d'],
    ['line breaks', '\r'],
    ['flags', ENGLAND],
    ['emoji', '👨‍👩‍👧‍👦'],
  ])('%s', async (_name, unit) => {
    const source = `&#${unit.repeat(MIB / unit.length)}`;
    const longest: number[] = [];
    for (let round = 0; round < 3 && !longest.some((most) => most < 50); round += 1) {
      let begun = process.cpuUsage();
      let most = 0;
      let looks = 0;
      const watched = {
        // Sixty-four steps together, because the check takes longer than a step.
        get isOver() {
          looks += 1;
          if (looks % 64 > 0) return false;
          most = Math.max(most, process.cpuUsage(begun).user / 1000);
          begun = process.cpuUsage();
          return false;
        },
        next: async () => {},
      };
      await visibleHtml(source, watched);
      longest.push(Math.max(most, process.cpuUsage(begun).user / 1000));
    }
    expect(Math.min(...longest)).toBeLessThan(50);
  });
});
