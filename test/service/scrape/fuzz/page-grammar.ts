/** Pseudo-random numbers that depend only on a seed. */
export interface Chance {
  /** A whole number from 0, below `bound`. */
  below(bound: number): number;
  pick<T>(values: readonly T[]): T;
}

/** Park and Miller's generator, whose only state is this number. */
export function createChance(seed: number): Chance {
  let state = (seed % 2_147_483_646) + 1;
  function next(): number {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  }
  // Neighbouring seeds have neighbouring first numbers.
  for (let round = 0; round < 8; round += 1) next();
  const below = (bound: number) => Math.floor(next() * bound);
  return { below, pick: <T>(values: readonly T[]) => values[below(values.length)] as T };
}

const names = (text: string) => text.split(' ');

const BLANKS = [
  ' ',
  '\n',
  '\t',
  '\r\n',
  '\f',
  '\v',
  '\u00a0',
  '\u2003',
  '\u3000',
  '&nbsp;',
  '&#10;',
  '\u200b',
  '  ',
];
const ENTITIES = names(
  '&amp; &lt; &gt; &quot; &#x1F600; &#0; &#xD800; &am &amp;lt; &notit; &# &#x; &CounterClockwiseContourIntegral;',
);
const WORDS = names(
  'word a *b* _c_ # ## - + 1. 12) > `x` ``` ~~~ ~~y~~ [z](x) ![i](x) <b> </b> | |---| === --- \\ \\\\ ! http://x.org e\u0301 € 😀 \ud83d ' +
    'עברית 漢字 \u202e \u{e0041} \u0000 \u001b[31m \u0085 \u2028 :-- *** ]] ]( & && constructor __proto__ ./x?y=z&copy;',
);
const BLOCKS = names(
  'p div h1 h2 h3 h6 ul ol li dl dt dd blockquote pre table thead tbody tr td th caption section details form main nav',
);
const INLINE = names(
  'a a a b i em strong code del span br img hr wbr svg title script style textarea select option noscript template ' +
    'iframe plaintext math foreignObject button font font body ruby rp noembed noframes constructor __proto__ toString x-y o:p',
);
const ATTRIBUTES = names(
  'href href src alt title class style style bgcolor color text background width height id start hidden aria-hidden popover role lang data-x constructor __proto__ onclick colspan',
);
const STYLES = names(
  'display:none color:#fff;background:#fff position:absolute;left:-9999px opacity:0 font-size:0 a:b;',
);
/** A style of these has every property with every value, declared and not. */
const PROPERTIES = names(
  'display visibility opacity color background background-color -webkit-text-fill-color font font-size left top inset ' +
    'margin-left text-indent translate transform rotate scale zoom mask filter clip clip-path letter-spacing width ' +
    'min-width height overflow position line-height --a --a --b --A',
);
const VALUES = [
  ...[
    'none',
    '0',
    '1',
    '#fff',
    'white',
    'hsl(1,2%,3%)',
    '-9999px',
    'calc(1px - 2em)',
    '90deg',
    'url(a;b)',
    'hidden',
  ],
  ...['var(--a)', 'var(--a)var(--b)', 'var(--b,none)', 'var(--A,var(--b))', 'var(', 'inherit', 'initial', ''],
  ...[
    'scale(0)',
    'rotate3d(1,0,0,90deg)',
    'polygon(0 0,1 1)',
    'linear-gradient(red,#0000)',
    '/**/none',
    '\\6eone',
  ],
];
const COLOURS = ['white', '#fff', 'var(--a)', 'hsl(1,2,3)', ''];
const URLS = [
  '/x',
  'http://a.org/b?c=d&e=f',
  'javascript:alert(1)',
  'data:text/html,x',
  ' java\nscript:x',
  'x y',
  '(',
  '<',
  '',
  '//h',
];

/** Selectors of every kind. */
export const SELECTORS = [
  ...[
    '*',
    'p',
    '.a',
    '#a',
    'a[href]',
    '[href*="x"]',
    '[class~="a" i]',
    'ul > li',
    'p + p',
    'p ~ *',
    'div p',
    ':root',
  ],
  ...[
    'li:nth-child(2n+1)',
    ':nth-last-of-type(3)',
    ':not(:has(p))',
    '*:has(~ *)',
    ':is(p, b):first-child',
    'p:empty',
  ],
  ...[
    'div ~ div ~ div ~ p',
    ':has(> :last-child)',
    'option:checked',
    ':disabled',
    '[constructor]',
    '[__proto__]',
  ],
];

/** A page of about as many characters, of one of several kinds. */
export function generatePage(chance: Chance, size: number): string {
  const kind = chance.below(6);
  if (kind === 0) return repeated(chance, size);
  if (kind === 1) return longAttribute(chance, size);
  const page = mixed(chance, size);
  return kind === 2 ? damaged(chance, page) : page;
}

/** One small piece many times, perhaps between two others. */
function repeated(chance: Chance, size: number): string {
  const unit = chance.below(2) === 0 ? piece(chance) : piece(chance) + piece(chance);
  return piece(chance) + unit.repeat(Math.ceil(size / unit.length)) + piece(chance);
}

function longAttribute(chance: Chance, size: number): string {
  const units = [
    ...BLANKS,
    ...ENTITIES,
    ...STYLES,
    'a',
    '(',
    '\\',
    '`',
    '<',
    'red ',
    'var(--a)',
    '#fff ',
    style(chance),
  ];
  const unit = chance.pick(units);
  const quote = chance.pick(['"', "'"]);
  const value = `x${unit.repeat(Math.ceil(size / unit.length))}y`;
  const name = chance.pick(ATTRIBUTES);
  const other = name === 'style' ? 'alt=z' : `style="${style(chance)}"`;
  return `<${chance.pick(INLINE)} ${name}=${quote}${value}${quote} ${other}>text</a>`;
}

/** Declarations, most of them short, and a few of the maximum length. */
function style(chance: Chance): string {
  let declared = '';
  for (let count = chance.pick([1, 2, 6, 60]); count > 0; count -= 1) {
    const value = chance.pick(VALUES).repeat(chance.pick([1, 1, 1, 8, 120]));
    declared += `${chance.pick(PROPERTIES)}:${value}${chance.pick(['', '', ' !important'])};`;
  }
  return declared;
}

/** Elements in each other and after each other, some of them never closed. */
function mixed(chance: Chance, size: number): string {
  const parts: string[] = [];
  const open: string[] = [];
  // Most pages are flat; some reach the bound of depth and more.
  const depth = chance.pick([4, 12, 40, 140]);
  let length = 0;
  while (length < size) {
    let part: string;
    const choice = chance.below(10);
    if (choice < 3 && open.length < depth) {
      const name = chance.pick(chance.below(3) === 0 ? INLINE : BLOCKS);
      open.push(name);
      part = tag(chance, name);
    } else if (choice < 6 && open.length > 0) {
      part = `</${open.pop()}>`;
    } else {
      part = piece(chance);
    }
    parts.push(part);
    length += part.length;
  }
  return parts.join('');
}

function piece(chance: Chance): string {
  switch (chance.below(7)) {
    case 0:
      return chance.pick(BLANKS).repeat(1 + chance.below(9));
    case 1:
      return chance.pick(ENTITIES);
    case 2:
      return tag(chance, chance.pick(INLINE));
    case 3:
      return `</${chance.pick([...INLINE, ...BLOCKS])}>`;
    case 4:
      return chance.pick([
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '<!doctype',
        '<?x',
        '<',
        '</',
        '<>',
        '&',
        '"',
        "'",
      ]);
    default:
      return `${chance.pick(WORDS)}${chance.below(2) === 0 ? ' ' : ''}`;
  }
}

function tag(chance: Chance, name: string): string {
  let attributes = '';
  for (let count = chance.below(4) - 1; count > 0; count -= 1) attributes += ` ${attribute(chance)}`;
  return `<${name}${attributes}${chance.pick(['>', '>', '>', '/>', ' >', ''])}`;
}

function attribute(chance: Chance): string {
  const name = chance.pick(ATTRIBUTES);
  const value = chance.pick(
    name === 'style'
      ? [...STYLES, style(chance), style(chance), style(chance)]
      : /^(?:bgcolor|color|text)$/.test(name)
        ? COLOURS
        : name === 'href' || name === 'src'
          ? URLS
          : [...WORDS, ...ENTITIES, '7', 'a b'],
  );
  return chance.pick([`${name}="${value}"`, `${name}='${value}'`, `${name}=${value}`, name]);
}

/** Removes a piece, or inserts one at a random position. */
function damaged(chance: Chance, page: string): string {
  const at = chance.below(page.length);
  return page.slice(0, at) + piece(chance) + page.slice(at + chance.below(40));
}
