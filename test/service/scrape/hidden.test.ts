import { describe, expect, test } from '@jest/globals';
import { type AnyNode, hasChildren, isTag, isText } from 'domhandler';
import { parseDocument } from 'htmlparser2';
import { type Look, lookOf, PAGE_LOOK } from '../../../service/scrape/page/hidden.ts';

/** Text of a page as a renderer collects it. */
function seen(html: string): string {
  function walk(node: AnyNode, look: Look): string {
    if (isText(node)) return node.data;
    if (!hasChildren(node)) return '';
    const inside = isTag(node) ? lookOf(node, look) : look;
    return inside === undefined ? '' : node.children.map((child) => walk(child, inside)).join('');
  }
  return walk(parseDocument(html), PAGE_LOOK);
}

const styled = (style: string) => seen(`<div style="${style}">text</div>`);

/** With a readable name. */
const short = (style: string) => [style.length > 60 ? `${style.slice(0, 60)}…` : style, style] as const;

describe('text is left out that is hidden by', () => {
  test.each(
    [
      '<p hidden>text</p>',
      '<p hidden="until-found"><b>text</b></p>',
      '<p aria-hidden=" TRUE ">text</p>',
      '<dialog>text</dialog>',
      '<p popover>text</p>',
      '<input type=HIDDEN value=text>',
      '<font color=white style="background:#fff">text</font>',
      '<table bgcolor="#FFF"><td style="color:white">text</table>',
      '<body text=white bgcolor=white>text',
      '<body style="font-size:0">text',
      '<body style="background:#222"><p style="color:#222">text',
      '<p style="color:#fff">text',
      '<font color=white>text',
      '<div style="--n:none"><p style="display:var(--n)">text',
      '<div style="--N:none;--n:block"><p style="display:var(--N)">text',
      '<div style="--m:none;--n:var(--m)"><p style="--m:block;display:var(--n)">text',
      '<div style="--n:0"><p style="--n:inherit;font-size:calc(var(--n) * 1px)">text',
      `<body style="--n:none;${'a:b;'.repeat(2000)}"><p style="font-size:var(--n)">text`,
      '<div style="transform:rotate3d(1,0,0,90deg)"><p>text',
    ].map(short),
  )('%s', (_name, html) => {
    expect(seen(html)).toBe('');
  });

  test.each(
    [
      'display:none',
      'DISPLAY : NONE ! IMPORTANT',
      String.raw`d\69splay:n\00006fne`,
      String.raw`\64 isplay:none`,
      'color:red;/* ; */display/**/:/**/none/* */',
      `display:${'/**/'.repeat(2000)}none`,
      "content:'a;b:c';display:none",
      'background:url(data:a;b);display:none',
      "background:url( 'a;b)' );display:none",
      'a{b:c}display:none',
      'bad;;:;display:none',
      'display:none;display:bogus',
      'display:none!important;display:block',
      '--a:none;display:var(--a)',
      'display:var(--b, none)',
      'display:var(--x,var(--y,none))',
      'display:var(--x,var(--y,var(--z,none)))',
      '--a:var(--b);--b:none;display:VAR( --a )',
      '--a:none!important;--a:block;display:var(--a)',
      '--a:initial;display:var(--a,none)',
      '--a:var(--a);display:var(--a,none)',
      '--a:0;opacity:calc(var(--a) * 1)',
      'display:var(--unknown)',
      'visibility:var(--unknown)',
      'opacity:var(--unknown)',
      'visibility:hidden',
      'visibility:collapse',
      'content-visibility:hidden',
      'position:absolute;left:-9999px',
      'position:fixed;top:-100vh',
      'position:absolute;left:-999px',
      'position:absolute;top:-300px',
      'position:absolute;left:-100%',
      'position:absolute;left:200%',
      'position:fixed;left:100vw',
      'position:fixed;top:100vh',
      'position:fixed;inset:0 100% 0 0',
      'position:absolute;right:-1e4px',
      'position:absolute;left:calc(0px - 9999px)',
      'position:absolute;inset:0 auto auto -500em',
      'position:absolute;left:99999px',
      'margin-left:-9999px',
      'text-indent:-9999px',
      'text-indent:-99em',
      'translate:-200vw',
      'transform:translateX(-9999px)',
      'transform:translate3d(0,-500em,0)',
      'transform:matrix(1,0,0,1,-5000,0)',
      'transform:scale(0)',
      '-webkit-transform:rotate(1deg) scaleX(.01)',
      'transform:scale(.2) scale(.2)',
      'transform:matrix(0,0,0,0,0,0)',
      'transform:rotateY(90deg)',
      'transform:rotateX(.25turn)',
      'transform:rotateX(45deg) rotateX(50grad)',
      'transform:rotate3d(1,0,0,90deg)',
      'transform:rotate3d(1,1,0,-90deg)',
      'transform:skewX(90deg)',
      'transform:skew(0,89deg)',
      'rotate:x 90deg',
      'rotate:0 1 0 1.5708rad',
      'zoom:.01',
      'zoom:1%',
      'mask:linear-gradient(transparent,transparent)',
      '-webkit-mask-image:linear-gradient(#0000,rgb(0 0 0 / 0))',
      'scale:0',
      'clip:rect(0,0,0,0);position:absolute',
      'clip:rect(1px 1px 1px 1px)',
      'clip-path:inset(100%)',
      'clip-path:inset(50% 50%)',
      'clip-path:circle(0 at 50% 50%)',
      'clip-path:polygon(0 0, 0 0, 0 0)',
      'font-size:0',
      'font-size:1px',
      'font:0/0 a',
      'width:0;overflow:hidden',
      'height:1px;overflow:hidden auto',
      'height:3px;overflow:hidden',
      'width:0;min-width:2px;overflow:hidden',
      'max-height:0;overflow:clip',
      'inline-size:0;contain:paint',
      'line-height:0;overflow:hidden',
      'letter-spacing:-1em',
      'opacity:0',
      'opacity:0%',
      'opacity:0.01',
      'filter:opacity(0)',
      'filter:blur(2em)',
      'color:transparent',
      'color:rgba(0,0,0,0)',
      'color:#0000',
      'color:white;background:#fff',
      'color:#fffffe;background-color:hsl(120 0% 100%)',
      'color:hsl(0,100%,50%);background:red',
      'color:rgb(100%,0%,0%);background:#f00 url(x.png)',
      'color:hwb(0 0% 0%);background:red',
      'color:lab(50 0 0);background:lab(50 0 0)',
      'color:#fff;color:bogus;background:#fff',
      'color:#fff;background-color:#fff;background-image:none',
      'color:#fff;background:linear-gradient(#fff,white)',
      'background:currentcolor',
      `transform:${'rotate(1deg) '.repeat(200)}scale(0)`,
      `${'x:y;'.repeat(10_000)}display:none`,
      // Unread styles count as hiding.
      'x:y;'.repeat(20_000),
    ].map(short),
  )('%s', (_name, style) => {
    expect(styled(style)).toBe('');
    expect(seen(`<div style="${style}"><p><b>text`)).toBe('');
  });
});

describe('text stays with', () => {
  test.each(
    [
      '<details><summary>text</summary></details>',
      '<dialog open>text</dialog>',
      '<p aria-hidden=false>text</p>',
      '<td style="font-size:0px"><div style="font-size:13px">text</div></td>',
      '<div style="visibility:hidden"><p style="visibility:visible">text',
      '<div style="color:#fff;background:#fff"><p style="color:#000">text',
      '<div style="background:#fff"><p style="background:#000;color:#fff">text',
      '<div style="background:#fff"><p style="background:url(dark.jpg);color:#fff">text',
      '<div style="font-size:0"><p style="font:16px/1.5 serif">text',
      // Many pages are hidden until their scripts have run.
      '<body style="opacity:0">text',
      '<body style="visibility:hidden"><p>text',
      '<body style="display:none"><p>text',
      '<html style="opacity:var(--unknown)"><body style="transform:scale(0)"><p>text',
      `<body style="${'a:b;'.repeat(2000)}"><p>text`,
      // A dark page by a style sheet, by its own colour, or by a picture.
      '<body text=white><p>text',
      '<body style="color:#fff">text',
      '<body bgcolor=black text=white><p style="color:#eee">text',
      '<body style="background:#222"><p style="color:#fff">text',
      '<body background=dark.jpg><p style="color:#fff">text',
      '<td background=dark.jpg><font color=white>text',
      '<div style="background:var(--brand)"><p style="color:#fff">text',
      '<div style="--n:none"><p style="--n:block;display:var(--n)">text',
      '<div style="--n:none"><p style="--n:initial;display:var(--n,block)">text',
      // Longer than any colour, so that no style is made from it.
      `<p bgcolor="${'red '.repeat(17)}" style="color:red">text`,
      '<p bgcolor="var(--a)" style="--a:red;color:red">text',
    ].map(short),
  )('%s', (_name, html) => {
    expect(seen(html)).toBe('text');
  });

  test.each(
    [
      '',
      'color:red',
      'color:#ddd',
      'display:none;display:block',
      'display:block!important;display:none',
      'font-size:var(--unknown)',
      'display:var(--a,block)',
      'color:var(--unknown)',
      "content:';display:none",
      'x:(;display:none',
      'dis/**/play:none',
      'position:absolute;top:3200px;left:100px',
      'left:-20px',
      'left:-50%',
      'left:100%',
      'left:50%;margin-left:-480px',
      'top:200%',
      'width:0;min-width:100%;overflow:auto',
      'height:0;min-height:20em;overflow:hidden',
      'transform:rotate(90deg)',
      'transform:rotateX(180deg)',
      'rotate:90deg',
      'rotate:z 90deg',
      'transform:skewX(20deg)',
      'zoom:1.5',
      'mask:linear-gradient(#000,transparent)',
      'mask-image:url(x.svg)',
      'transform:translate(-50%,-50%)',
      'margin:0 -9999px;padding:0 9999px',
      'margin-left:-100%',
      'width:calc(100% - 1px);overflow:hidden',
      'max-width:100%;overflow:hidden',
      'height:0',
      'line-height:0',
      'opacity:.5',
      'filter:blur(1px)',
      'clip-path:inset(0 10px)',
      'clip-path:polygon(0 0, 100% 0, 100% 100%)',
      'color:#333;background:#fff',
      'color:white;background:rgb(0 0 0 / 50%)',
      'background:linear-gradient(red,blue);-webkit-background-clip:text;color:transparent',
      `background:url(data:image/png;base64,${'A'.repeat(20_000)})`,
      `box-shadow:${'1px 1px red,'.repeat(200)}1px 1px`,
    ].map(short),
  )('%s', (_name, style) => {
    expect(styled(style)).toBe('text');
  });
});

/** As long as may be searched, and as long as may be read. */
const LENGTHS = [64 * 1024 - 100, 8 * 1024 - 100, 4 * 1024];
const UNITS = [
  ...[
    'a',
    '/*',
    '/**/',
    '"',
    '(',
    ':',
    '\\',
    '\\41 ',
    'url( ',
    'a:b;',
    'a:[[[;',
    'x:a!important;',
    '"a"',
    '{a:b}',
  ],
  ...[
    'left:calc(1px);',
    'left:1 1 1 1;',
    'inset:1 2 3 4;',
    'width:1 1 1 1;',
    'letter-spacing:1x;',
    'line-height:1 1;',
  ],
  ...[
    'transform:a();',
    'transform:scale(1) a(b);',
    'transform:skew(1deg);',
    'rotate:x 9deg;',
    'scale:calc(1);',
  ],
  ...['filter:opacity(1)blur(1);', 'clip-path:a(1)a(2);', 'clip-path:polygon(1 2,3 4);', 'clip:rect(1 2 3);'],
  ...[
    'background:red;',
    'background:a a a a;',
    'color:hsl(1,2,3);',
    'text-fill-color:#123;',
    'mask:red red red;',
  ],
  ...['color:var(--a);', '--a:b;color:var(--a);', '--a:var(--a)var(--a);', 'font:1 a/;', 'font-size:1px;'],
].map((unit) => [unit, (length: number) => unit.repeat(length / unit.length)] as const);
const long = (unit: string) => unit.repeat(1020 / unit.length);
const SHAPES = [
  ['values of letters', () => `transform:${long('a')};`.repeat(60)],
  ['values of hyphens', () => `color:${long('a-')};`.repeat(60)],
  ['open functions', () => `transform:${long('a(b(')};`.repeat(60)],
  ['functions', () => `transform:${long('a()')};`.repeat(8)],
  ['functions of functions', () => `transform:a(${long('(x)')});`.repeat(8)],
  ['numbers', () => `left:${long('1')};`.repeat(60)],
  ['colours', () => `background:${long('#fff ')};`.repeat(8)],
  ['colours in functions', () => `background:${long('hsl(1,2%,3%)')};`.repeat(8)],
  ['numbers in one word', () => `left:${long('1,')};`.repeat(60)],
  ['colours in one word', () => `background:${long('#123,')};`.repeat(60)],
  ['points', () => `clip-path:polygon(${long('1 2,').slice(9)});`.repeat(8)],
  ['one variable many times', () => `--a:${long('red ')};${`background:${long('var(--a)')};`.repeat(60)}`],
  ['one empty variable many times', () => `--a:;${`background:${long('var(--a)')};`.repeat(8)}`],
  [
    'variables of variables',
    () => `--a:;${numbered((n) => `--a${n}:${`var(--a${n - 1 || ''})`.repeat(90)};`)}color:var(--a9)`,
  ],
  ['fallbacks in each other', () => `left:${'var(--a,'.repeat(120)};`.repeat(60)],
  ['one string', () => `a:"${'b'.repeat(64_000)}"`],
  ['one URL', () => `a:url(${'b'.repeat(64_000)})`],
  ['an open URL of blanks', () => `a:url(${' '.repeat(64_000)}"`],
] as const;
const numbered = (unit: (n: number) => string) => [1, 2, 3, 4, 5, 6, 7, 8, 9].map(unit).join('');
const STYLES = [
  ...UNITS.flatMap(([name, of]) =>
    LENGTHS.map((length) => [`${length} characters of ${name}`, of(length)] as const),
  ),
  ...SHAPES.map(([name, of]) => [name, of()] as const),
];

function cpuOf(attribs: Readonly<Record<string, string>>, look = PAGE_LOOK): number {
  const element = parseDocument('<font>text</font>').children[0];
  if (element === undefined || !isTag(element)) throw new Error('no element');
  Object.assign(element.attribs, attribs);
  const times = Array.from({ length: 9 }, () => {
    const begun = process.cpuUsage();
    lookOf(element, look);
    return process.cpuUsage(begun).user / 1000;
  });
  return Math.min(...times);
}

test.each(STYLES)('the style of an element is read in 5 ms of CPU: %s', (_name, style) => {
  expect(cpuOf({ style })).toBeLessThan(5);
});

test.each(['bgcolor', 'color', 'background', 'width', 'aria-hidden', 'type'])(
  'another attribute of an element is read in 5 ms of CPU: %s',
  (name) => {
    for (const unit of ['red ', 'var(--a)', 'hsl(1,2,3) ', ' ', '1']) {
      const value = unit.repeat((1024 * 1024) / unit.length);
      expect(cpuOf({ [name]: value, style: `--a:${long('red ')}` })).toBeLessThan(5);
    }
  },
);

test('custom properties of 128 ancestors are resolved in 5 ms of CPU', () => {
  const seen = (look: Look | undefined) => look ?? PAGE_LOOK;
  let look = PAGE_LOOK;
  const [element] = parseDocument(`<p style="${'--a:b;'.repeat(100)}">text`).children;
  if (element === undefined || !isTag(element)) throw new Error('no element');
  for (let depth = 0; depth < 128; depth += 1) look = seen(lookOf(element, look));
  expect(look.variables?.outer?.outer).toBeDefined();
  expect(cpuOf({ style: `left:${long('var(--x,)')};`.repeat(8) }, look)).toBeLessThan(5);
});
