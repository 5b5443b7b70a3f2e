import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '../../../service/errors.ts';
import type { PageFormat } from '../../../service/scrape/engine.ts';
import { toPage } from '../../../service/scrape/page/page.ts';
import { MAX_DEPTH, MAX_ELEMENTS } from '../../../service/scrape/page/parse.ts';
import { parseSelector } from '../../../service/scrape/page/select.ts';
import { createTurns } from '../../../service/scrape/page/turns.ts';
import { OLD_ELEMENTS, OLD_TABLE } from './support/old-pages.ts';

interface Options {
  readonly format?: PageFormat;
  readonly selector?: string;
  readonly contentType?: string;
  readonly maxBytes?: number;
  readonly startIndex?: number;
  readonly maxCharacters?: number;
}

const turns = createTurns();
const never = new AbortController().signal;

async function page(source: string | Uint8Array, options: Options = {}) {
  const { format = 'markdown', selector, contentType = 'text/html', maxBytes = 100_000, ...slice } = options;
  const fetched = {
    url: new URL('https://public.org/page'),
    status: 200,
    contentType,
    bytes: typeof source === 'string' ? Buffer.from(source) : source,
    truncated: false,
  };
  return toPage(
    fetched,
    { format, selector: selector === undefined ? undefined : parseSelector(selector), ...slice },
    maxBytes,
    turns.begin(never),
  );
}

const markdown = async (html: string) => (await page(html)).content;
const text = async (html: string) => (await page(html, { format: 'text' })).content;
const select = async (html: string, selector: string) =>
  (await page(html, { format: 'html', selector })).content;

async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ServiceError) return `${error.code}: ${error.reason}`;
    throw error;
  }
  return 'no refusal';
}

describe('markdown', () => {
  test.each([
    ['headings', '<h1>One</h1><h3>Three</h3>', '# One\n\n### Three'],
    ['emphasis', '<p>a <b>b</b> <em>c</em></p>', 'a **b** _c_'],
    ['links', '<a href="/x y(z)" title="t&quot;">a</a>', '[a](</x y\\(z\\)> "t\\"")'],
    ['images', '<img src="a.png" alt="pic [1]">', '![pic \\[1\\]](a.png)'],
    ['nested lists', '<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>', '- a\n  - b\n- c'],
    ['ordered lists from a start', '<ol start="9"><li>a<li>b</ol>', '9. a\n10. b'],
    ['paragraphs in list items', '<ul><li><p>a</p><p>b</p></li></ul>', '- a\n\n  b'],
    ['quotes', '<blockquote>a<p>b</p></blockquote>', '> a\n>\n> b'],
    ['inline code with backticks', '<code>a`b</code>', '`` a`b ``'],
    [
      'code blocks with their language',
      '<pre><code class="language-ts">a\n  b</code></pre>',
      '```ts\na\n  b\n```',
    ],
    ['preformatted text without code', '<pre>a\n  *b*</pre>', '```\na\n  *b*\n```'],
    ['a fence inside a code block', '<pre>```\nx</pre>', '````\n```\nx\n````'],
    [
      'tables',
      '<table><tr><th>a<th>b|c</tr><tr><td>1<td>2</table>',
      '| a | b\\|c |\n| --- | --- |\n| 1 | 2 |',
    ],
    [
      'tables with a head',
      '<table><thead><tr><th>a</thead><tbody><tr><td>1</table>',
      '| a |\n| --- |\n| 1 |',
    ],
    ['rules and line breaks', 'a<br>b<hr>', 'a  \nb\n\n---'],
    ['special characters escaped', '<p>*a* _b_ [c] # d</p>', '\\*a\\* \\_b\\_ \\[c\\] # d'],
    ['entities', '<p>&lt;b&gt; &amp; &euro; &#x1F600;</p>', '\\<b> & € 😀'],
    ['blanks collapsed', '<p>  a \n\n  b  </p>  <p> c</p>', 'a b\n\nc'],
  ])('has %s', async (_name, html, expected) => {
    expect(await markdown(html)).toBe(expected);
  });
});

test('text is plain, without link targets and images', async () => {
  const html = '<h1>Head</h1><p>a <a href="/x">link</a> <img src="x" alt="pic"></p><ul><li>one<li>two</ul>';
  expect(await text(html)).toBe('Head\n\na link\n\n * one\n * two');
  expect((await text('<table><tr><td>a<td>b</tr><tr><td>c<td>d</table>')).replace(/ +$/gm, '')).toBe(
    'a b\nc d',
  );
});

describe.each(['markdown', 'text'] as const)('%s leaves out what no reader sees:', (format) => {
  test.each([
    '<script>hidden</script>',
    '<style>hidden</style>',
    '<noscript>hidden</noscript>',
    '<template>hidden</template>',
    '<!-- hidden -->',
    '<![CDATA[hidden]]><?hidden?>',
    '<iframe>hidden</iframe>',
    '<svg><text>hidden</text></svg>',
    '<textarea>hidden</textarea>',
    '<select><option>hidden</select>',
    '<p hidden>hidden</p>',
    '<p style="color: red; DISPLAY : none">hidden</p>',
    '<div style="visibility:hidden"><p>hidden</p></div>',
    '<head><title>hidden</title></head>',
  ])('%s', async (html) => {
    expect((await page(`<p>seen</p>${html}`, { format })).content).not.toMatch(/hidden/);
  });
});

test('html is the source as it came', async () => {
  const source = '<!doctype html><p onclick=x>a<script>b</script><!-- c -->';
  expect((await page(source, { format: 'html' })).content).toBe(source);
});

describe('the title', () => {
  test.each([
    ['<title> A\n title &amp; more </title>', 'A title & more'],
    ['<p>none', ''],
    [`<title>${'x'.repeat(1000)}</title>`, 'x'.repeat(500)],
    ['<title><b>no tags</b></title>', '<b>no tags</b>'],
  ])('of %.40s', async (html, expected) => {
    expect((await page(html)).title).toBe(expected);
  });
});

describe('pages of a real site', () => {
  test('become markdown', async () => {
    const { title, content } = await page(OLD_ELEMENTS);
    expect(title).toBe('Old markup - Elements');
    expect(content).toContain('Lists of old');
    expect(content).toContain('1. Bakery');
    expect(content).toContain('- Ada Lindqvist');
    expect(content).toContain('**Bold**');
    expect(content).not.toMatch(/<\w/);
  });

  test('become text', async () => {
    expect((await page(OLD_TABLE, { format: 'text' })).content).toMatch(/Ada Lindqvist/);
  });

  test('are selected from', async () => {
    expect((await page(OLD_TABLE, { selector: 'table caption' })).content).toMatch(
      /^<caption[^>]*>.*<\/caption>$/s,
    );
  });
});

describe('the encoding', () => {
  const shiftJis = Uint8Array.of(0x83, 0x65, 0x83, 0x58, 0x83, 0x67);
  test.each([
    ['of Content-Type', Uint8Array.of(0x80, 0x20, 0xe9), 'text/html; charset=windows-1252', '€ é'],
    [
      'of latin1, which means windows-1252',
      Uint8Array.of(0x93, 0x94, 0xff),
      'text/html; charset=latin1',
      '“”ÿ',
    ],
    ['of Content-Type, quoted', shiftJis, 'text/html; charset="Shift_JIS"', 'テスト'],
    ['of meta', Buffer.concat([Buffer.from('<meta charset=shift_jis><p>'), shiftJis]), 'text/html', 'テスト'],
    [
      'of meta http-equiv',
      Buffer.from(
        '<meta http-equiv=content-type content="text/html; charset=iso-8859-15"><p>\u00a4',
        'latin1',
      ),
      'text/html',
      '€',
    ],
    ['of a UTF-16 byte order mark', Buffer.from('\ufeffgrün', 'utf16le'), 'text/html', 'grün'],
    [
      'of a UTF-8 byte order mark, whatever the header says',
      Buffer.from('\ufeffgrün'),
      'text/html; charset=latin1',
      'grün',
    ],
    ['that nobody names, UTF-8', Buffer.from('grün'), 'text/html', 'grün'],
    ['that nobody names, not UTF-8', Buffer.from('gr\u00fcn', 'latin1'), 'text/html', 'grün'],
    [
      'of text, where meta means nothing',
      Buffer.from('<meta charset=shift_jis> é'),
      'text/plain',
      '<meta charset=shift_jis> é',
    ],
    ['that is unknown', Buffer.from('grün'), 'text/html; charset=klingon', 'grün'],
  ])('%s', async (_name, bytes, contentType, expected) => {
    expect((await page(bytes, { contentType, format: 'text' })).content).toBe(expected);
  });

  test('that is known to be unsafe is refused', async () => {
    expect(await refusal(() => page('x', { contentType: 'text/html; charset=iso-2022-kr' }))).toMatch(
      /^content_unsupported/,
    );
  });

  test('may be cut in the middle of a character', async () => {
    expect((await page(Buffer.from('grün').subarray(0, 3), { format: 'text' })).content).toBe('gr\ufffd');
  });
});

describe('text that is not HTML', () => {
  test.each(['markdown', 'text', 'html'] as const)('stays as it is in %s', async (format) => {
    const json = '{"a": "<b>*x*</b>"}';
    expect(await page(json, { format, contentType: 'application/json' })).toMatchObject({
      content: json,
      title: '',
    });
  });

  test('cannot be selected from', async () => {
    expect(await refusal(() => page('x', { selector: 'p', contentType: 'text/plain' }))).toBe(
      'content_unsupported: selector on text/plain',
    );
  });
});

describe('bounds', () => {
  test('content is cut at maxBytes of UTF-8, no character in two', async () => {
    const { content, truncated } = await page('é'.repeat(1000), { format: 'text', maxBytes: 1023 });
    expect(content).toBe('é'.repeat(511));
    expect(truncated).toBe(true);
  });

  test('content of exactly maxBytes is whole', async () => {
    expect((await page('x'.repeat(1024), { format: 'text', maxBytes: 1024 })).truncated).toBe(false);
  });

  test.each([
    [`${'<div>'.repeat(MAX_DEPTH + 1)}`, `more than ${MAX_DEPTH} levels`],
    [`${'<p>'.repeat(MAX_ELEMENTS + 1)}`, `more than ${MAX_ELEMENTS} elements`],
    [`<p ${Array.from({ length: 130_000 }, (_, n) => `a${n}`).join(' ')}>`, 'more than 120000 attributes'],
  ])('%.20s… is too complex', async (html, reason) => {
    expect(await refusal(() => markdown(html))).toBe(`content_too_complex: ${reason}`);
  });

  test('a document at the bounds of depth is converted', async () => {
    const html = `${'<div>'.repeat(MAX_DEPTH)}deep`;
    expect(await markdown(html)).toBe('deep');
    expect(await text(html)).toBe('deep');
  });

  test('lines of quotes in quotes end where the content does', async () => {
    const html = `${'<blockquote>'.repeat(8)}<pre>${'x\n'.repeat(40_000)}`;
    const { content, truncated } = await page(html);
    expect(content).toMatch(/^(> ){8}```\n((> ){8}x\n)+/);
    expect(content.length).toBe(100_000);
    expect(truncated).toBe(true);
  });

  test('quotes keep eight levels and the rest of their text', async () => {
    expect(await markdown(`${'<blockquote>'.repeat(12)}deep`)).toBe(`${'> '.repeat(8)}deep`);
  });
});

describe('selection', () => {
  const html =
    '<div id=a class="x y"><p>one &amp; <b>two</b></p><p lang=de>grün</p></div><ul><li>1<li>2<li class=y>3</ul><p>end';
  test.each([
    ['p', '<p>one &amp; <b>two</b></p>\n<p lang="de">grün</p>\n<p>end</p>'],
    ['#a > p:first-child b', '<b>two</b>'],
    ['li:nth-child(2n+1)', '<li>1</li>\n<li class="y">3</li>'],
    [
      '.y',
      '<div id="a" class="x y"><p>one &amp; <b>two</b></p><p lang="de">grün</p></div>\n<li class="y">3</li>',
    ],
    ['[lang|="de"], b', '<b>two</b>\n<p lang="de">grün</p>'],
    ['div:has(> p b) + ul li:not(.y)', '<li>1</li>\n<li>2</li>'],
    ['P', '<p>one &amp; <b>two</b></p>\n<p lang="de">grün</p>\n<p>end</p>'],
    ['table', ''],
  ])('%s', async (selector, expected) => {
    expect(await select(html, selector)).toBe(expected);
  });

  test('lists a match inside a match too', async () => {
    expect(await select('<i>a<i>b</i></i>', 'i')).toBe('<i>a<i>b</i></i>\n<i>b</i>');
  });

  test('keeps the title', async () => {
    expect((await page('<title>T</title><p>x', { selector: 'p' })).title).toBe('T');
  });

  test.each([
    ['', /empty/],
    ['> p', /combinator/],
    [':is(p +)', /combinator/],
    ['p {', /\{/],
    ['p[', /./],
    ['p >', /combinator/],
    ['>>> p', /./],
    ['p, , b', /./],
    ['p::before', /pseudo-element ::before is not supported/],
    ['p:hover', /pseudo-class :hover is not supported/],
    ['p:contains(x)', /:contains is not supported/],
    ['p:icontains(x)', /:icontains is not supported/],
    ['p:eq(1)', /:eq is not supported/],
    ['p:constructor', /:constructor is not supported/],
    ['p:scope', /:scope is not supported/],
    ['svg|a', /namespaces/],
    ['p < div', /combinator/],
    ['p[a!=b]', /!=/],
    [':nth-child(x)', /formula/],
    [':nth-child(2 of :has(p))', /formula/],
    ['p'.repeat(501), /longer than 500/],
    [Array.from({ length: 61 }, () => 'a').join(), /more than 60 parts/],
    ['a '.repeat(40), /more than 60 parts/],
    [':not(:is(:not(:is(p))))', /more than 3 levels/],
    [`${':has('.repeat(60)}p${')'.repeat(60)}`, /more than 3 levels/],
  ])('refuses %.40s', async (selector, detail) => {
    expect(() => parseSelector(selector)).toThrow(detail);
    expect(await refusal(() => parseSelector(selector))).toMatch(/^selector_invalid: /);
  });

  test('that takes too many steps is too complex for the page', async () => {
    expect(await refusal(() => select('<p>x</p>'.repeat(20_000), 'p:nth-child(2n)'))).toMatch(
      /^content_too_complex: selector took more than/,
    );
  });
});
