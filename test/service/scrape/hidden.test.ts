import { describe, expect, test } from '@jest/globals';
import { type AnyNode, hasChildren, isTag, isText } from 'domhandler';
import { parseDocument } from 'htmlparser2';
import { type Look, lookOf } from '../../../service/scrape/page/hidden.ts';

/** Text of a page as a renderer collects it. */
function seen(html: string): string {
  function walk(node: AnyNode, look: Look): string {
    if (isText(node)) return node.data;
    if (!hasChildren(node)) return '';
    const inside = isTag(node) ? lookOf(node, look) : look;
    return inside === undefined ? '' : node.children.map((child) => walk(child, inside)).join('');
  }
  return walk(parseDocument(html), {});
}

const styled = (style: string) => seen(`<div style="${style}">text</div>`);

/** With a name that can be read. */
const short = (style: string) => [style.length > 60 ? `${style.slice(0, 60)}…` : style, style] as const;

describe('text is left out that is hidden by', () => {
  test.each([
    '<p hidden>text</p>',
    '<p hidden="until-found"><b>text</b></p>',
    '<p aria-hidden=" TRUE ">text</p>',
    '<dialog>text</dialog>',
    '<p popover>text</p>',
    '<input type=HIDDEN value=text>',
    '<font color=white style="background:#fff">text</font>',
    '<table bgcolor="#FFF"><td style="color:white">text</table>',
    '<body text=white bgcolor=white>text',
    '<div style="opacity:.2"><p style="opacity:20%">text',
    '<div style="font-size:.1em"><p style="font-size:50%">text',
    '<div style="color:red"><p style="background:#f00">text',
    '<div style="background:#000"><p style="color:rgb(5 5 5)">text',
    '<div style="visibility:hidden"><p>text',
    '<div style="-webkit-text-fill-color:transparent"><p style="color:red">text',
  ])('%s', (html) => {
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
      'visibility:hidden',
      'visibility:collapse',
      'content-visibility:hidden',
      'position:absolute;left:-9999px',
      'position:fixed;top:-100vh',
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
      `${'x:y;'.repeat(20_000)}display:none`,
    ].map(short),
  )('%s', (_name, style) => {
    expect(styled(style)).toBe('');
    expect(seen(`<div style="${style}"><p><b>text`)).toBe('');
  });
});

describe('text stays with', () => {
  test.each([
    '<details><summary>text</summary></details>',
    '<dialog open>text</dialog>',
    '<p aria-hidden=false>text</p>',
    '<td style="font-size:0px"><div style="font-size:13px">text</div></td>',
    '<div style="visibility:hidden"><p style="visibility:visible">text',
    '<div style="color:#fff;background:#fff"><p style="color:#000">text',
    '<div style="background:#fff"><p style="background:#000;color:#fff">text',
    '<div style="background:#fff"><p style="background:url(dark.jpg);color:#fff">text',
    '<div style="font-size:0"><p style="font:16px/1.5 serif">text',
  ])('%s', (html) => {
    expect(seen(html)).toBe('text');
  });

  test.each(
    [
      '',
      'color:red',
      'color:#fff',
      'display:none;display:block',
      'display:block!important;display:none',
      'display:var(--unknown)',
      "content:';display:none",
      'x:(;display:none',
      'dis/**/play:none',
      'position:absolute;top:3200px;left:100px',
      'left:-20px',
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

test.each([
  ['one letter', 'a'.repeat(65_000)],
  ['open comments', '/*'.repeat(32_000)],
  ['open strings', '"'.repeat(65_000)],
  ['open brackets', '('.repeat(65_000)],
  ['colons', ':'.repeat(65_000)],
  ['declarations', 'a:b;'.repeat(16_000)],
  ['values of letters', `transform:${'a'.repeat(1000)};`.repeat(64)],
  ['values of hyphens', `color:${'a-'.repeat(500)};`.repeat(64)],
  ['functions', `transform:${'a(b('.repeat(250)};`.repeat(64)],
  ['variables', `--a:${'b'.repeat(1000)};${`left:${'var(--a)'.repeat(100)};`.repeat(60)}`],
  ['numbers', `left:${'1'.repeat(1000)};`.repeat(64)],
  ['colours', `background:${'#fff '.repeat(200)};`.repeat(64)],
  ['open URLs', 'url( '.repeat(13_000)],
])('a style of 64 Ki characters of %s is read in less than 25 ms of CPU', (_name, style) => {
  const [element] = parseDocument('<p>text').children;
  if (element === undefined || !isTag(element)) throw new Error('no element');
  element.attribs['style'] = style;
  const times = [1, 2, 3, 4, 5].map(() => {
    const begun = process.cpuUsage();
    lookOf(element, {});
    return process.cpuUsage(begun).user / 1000;
  });
  expect(Math.min(...times)).toBeLessThan(25);
});
