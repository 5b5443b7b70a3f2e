// biome-ignore-all lint/style/noExcessiveLinesPerFile: the cases share one page
import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '../../../service/errors.ts';
import type { PageFormat } from '../../../service/scrape/engine.ts';
import { toPage } from '../../../service/scrape/page/page.ts';
import { MAX_DEPTH, MAX_ELEMENTS } from '../../../service/scrape/page/parse.ts';
import { parseSelector } from '../../../service/scrape/page/select.ts';
import { createTurns } from '../../../service/turns.ts';
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
    ['links around the first of several blocks', '<a href=/x><h3>T</h3><p>u</p></a>', '### [T](/x)\n\nu'],
    ['no image of a link after an exclamation mark', 'Hello!<a href=/x>y</a>', 'Hello\\![y](/x)'],
    ['images in links', '<a href=x><img src=i.png alt=I></a>', '[![I](i.png)](x)'],
    ['emphasis in each block that it is around', '<b><p>a</p><p>b</p></b>', '**a**\n\n**b**'],
    ['blanks outside of emphasis', 'a<b> x </b>y<i> </i>', 'a **x** y'],
    ['struck text', '<s>x</s> <del>y</del>', '~~x~~ ~~y~~'],
    ['headings on one line', '<h2>a<br>b <div>c</div></h2>', '## a b c'],
    ['definitions', '<dl><dt>T<dd>one<dd>two</dl>', 'T\n\n: one\n: two'],
    ['text after a list in an item', '<ul><li>a<ul><li>b</ul>c<li>d</ul>', '- a\n  - b\n\n  c\n- d'],
    ['code in items', '<ol><li>a<pre>x\n\n y</pre><li>b</ol>', '1. a\n\n   ```\n   x\n\n    y\n   ```\n2. b'],
    ['code beside code, as two', '<code>[a](b)</code><code>`c</code>', '`[a](b)` `` `c ``'],
    [
      'quotes in items in quotes',
      '<blockquote><ul><li>a<blockquote>b</ul></blockquote>',
      '> - a\n>\n>   > b',
    ],
    ['two line breaks as paragraphs', 'a<br><br>b<br>c', 'a\n\nb  \nc'],
    [
      'the innermost of tables in tables',
      '<table><tr><td><table><tr><td>in<td>ner</table><td>right</table>',
      '| in | ner |\n| --- | --- |\n\nright',
    ],
    [
      'a head of tables with a caption',
      '<table><caption>C</caption><tr><td>a|b<td><code>c|d</code></table>',
      'C\n\n| a\\|b | `c\\|d` |\n| --- | --- |',
    ],
    ['no items and emphasis without text', '<ul><li></li><li>a<b></b></ul>', '- a'],
    ['blanks collapsed', '<p>  a \n\n  b  </p>  <p> c</p>', 'a b\n\nc'],
  ])('has %s', async (_name, html, expected) => {
    expect(await markdown(html)).toBe(expected);
  });
});

describe('plain text does not become Markdown:', () => {
  test.each([
    ['a link', '[x](http://e.org)', '\\[x\\](http://e.org)'],
    ['an image', '![x](y)', '!\\[x\\](y)'],
    ['an address as a link', '&lt;http://e.org&gt;', '\\<http://e.org>'],
    ['HTML', '&lt;a href=x&gt;y&lt;/a&gt; &lt;!-- ', '\\<a href=x>y\\</a> \\<!--'],
    ['HTML in two parts', '&lt;<i>a</i>', '\\<_a_'],
    ['a character reference', '&amp;lt; &amp;#60; AT&amp;T.', '\\&lt; \\&#60; AT&T.'],
    ['a character reference in two parts', '&amp;<span>lt;</span> &amp;#<b>6</b>0;', '\\&lt; \\&#**6**0;'],
    ['a heading', '# a', '\\# a'],
    ['a heading in two parts', '<span>#</span> a', '\\# a'],
    ['a heading by the next line', 'a<br>===<br>---', 'a  \n\\===  \n\\---'],
    ['a list', '- a<br>+ b<br>* c', '\\- a  \n\\+ b  \n\\* c'],
    ['a numbered list', '1. a<br>2) b<br>3.5', '1\\. a  \n2\\) b  \n3.5'],
    ['a numbered list in parts', '1<span>2.</span> a', '12\\. a'],
    ['a quote', '&gt; a', '\\> a'],
    ['a table', '| a |<br>|---|', '\\| a |  \n\\|---|'],
    ['code', '`a` ```', '\\`a\\` \\`\\`\\`'],
    ['struck text', '~~a~~ ~b', '\\~\\~a\\~\\~ \\~b'],
    ['struck text, in two parts', '~<span>~a~</span>~', '\\~\\~a\\~\\~'],
    ['the text of an image that is not shown', '<img alt="# a">', '\\# a'],
    ['a backslash', '\\', '\\\\'],
  ])('%s', async (_name, html, expected) => {
    expect(await markdown(`<p>${html}</p>`)).toBe(expected);
  });
});

describe('the target of a link', () => {
  test.each([
    ['http://a.org/?b=c&d', '[t](http://a.org/?b=c&d)'],
    ['mailto:a@b.org', '[t](mailto:a@b.org)'],
    ['//a.org', '[t](//a.org)'],
    ['  /x\n/y ', '[t](/x/y)'],
    ['x) [evil](http://e.org', '[t](<x\\) [evil]\\(http://e.org>)'],
    ['x`y', '[t](x%60y)'],
    ['<x>|', '[t](%3Cx%3E%7C)'],
    ['x\u0001\u0085\u2028y', '[t](x%01%C2%85%E2%80%A8y)'],
    ['x?a&amp;lt=1&amp;lt;b&c', '[t](x?a&lt=1\\&lt;b&c)'],
    ['x\u200b\u202e\u00a0y', '[t](x%E2%80%8B%E2%80%AE%C2%A0y)'],
    ['x\u{e0041}y', '[t](x%F3%A0%81%81y)'],
    ['java&#8203;script:alert(1)', 't'],
    ['&#x200b; javascript:alert(1)', 't'],
    ['da&shy;ta:text/html,x', 't'],
    ['java&#x2028;script:x', '[t](java%E2%80%A8script:x)'],
    ['javascript:alert(1)', 't'],
    [' jAva\nscript:alert(1)', 't'],
    ['data:text/html,x', 't'],
    ['vbscript:x', 't'],
    ['', 't'],
    [`/${'x'.repeat(2048)}`, 't'],
  ])('%j is %s', async (href, expected) => {
    expect(await markdown(`<a href="${href}">t</a>`)).toBe(expected);
  });

  test('a title is on one line, with all Markdown escaped', async () => {
    const html = '<a href=x title="a&quot;) \n\u0001[b](c) <d>&amp;lt;&#8203;&#x2028;#">t</a>';
    expect(await markdown(html)).toBe('[t](x "a\\") \\[b\\](c) \\<d>\\&lt; #")');
  });
});

/** Inherited keys of plain objects, which a page must not find. */
const INHERITED = [...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'class', 'tolocalestring'];

describe.each(INHERITED)('an element or attribute called %s', (name) => {
  // A tag name begins with a letter.
  const tag = /^[a-z]/i.test(name) ? name : 'i';

  test.each(['markdown', 'text'] as const)('is like any other in %s', async (format) => {
    const html = `<p>a</p><${tag} ${name}=x>b</${tag}><p ${name}>c</p>`;
    expect((await page(html, { format })).content.replace(/[\n_]+/g, ' ')).toMatch(/^a +b +c$/);
  });

  test('is selected by name, and nowhere else', async () => {
    const lower = name.toLowerCase();
    const html = `<p>a</p><i ${name}=x>b</i>`;
    expect(await select(html, `[${name}]`)).toBe(`<i ${lower}="x">b</i>`);
    expect(await select(html, `[${name}^=x]`)).toBe(`<i ${lower}="x">b</i>`);
    expect(await select('<p>a</p>', `[${name}*=e]`)).toBe('');
    expect(await select(`<${tag}>b</${tag}>`, tag)).toBe(`<${tag.toLowerCase()}>b</${tag.toLowerCase()}>`);
  });
});

describe('a slice of the content', () => {
  const html = `<p>${'0123456789'.repeat(10)}</p>`;
  test.each([
    [0, 30, '012345678901234567890123456789', true],
    [95, 30, '56789', false],
    [70, 30, '012345678901234567890123456789', false],
    [100, 30, '', false],
    [1000, 30, '', false],
  ])('from %d, of %d', async (startIndex, maxCharacters, content, truncated) => {
    expect(await page(html, { startIndex, maxCharacters })).toMatchObject({
      content,
      totalCharacters: 100,
      truncated,
    });
  });

  test('is the whole content by default', async () => {
    expect(await page(html)).toMatchObject({ totalCharacters: 100, truncated: false });
  });

  test('ends before a character that it would split; the next slice has it', async () => {
    const emoji = `<p>${'a😀'.repeat(3)}</p>`;
    expect((await page(emoji, { maxCharacters: 2 })).content).toBe('a');
    expect((await page(emoji, { startIndex: 1, maxCharacters: 3 })).content).toBe('😀a');
    expect((await page(emoji, { startIndex: 2, maxCharacters: 3 })).content).toBe('\ufffda');
  });

  test.each(['html', 'text', 'markdown'] as const)(
    'of %s counts the content, not the page',
    async (format) => {
      const { totalCharacters, content } = await page('<p>a\u200b\u0007b', { format, maxCharacters: 1 });
      expect(totalCharacters).toBe(format === 'html' ? '<p>ab'.length : 2);
      expect(content).toHaveLength(1);
    },
  );
});

test.each(['html', 'text', 'markdown'] as const)(
  'a conversion to %s ends when its signal aborts',
  async (format) => {
    const bytes = Buffer.from('<p>word '.repeat(30_000));
    const fetched = {
      url: new URL('http://x.org/'),
      status: 200,
      contentType: 'text/html',
      bytes,
      truncated: false,
    };
    const controller = new AbortController();
    const work = toPage(fetched, { format }, 1e6, turns.begin(controller.signal));
    controller.abort(new Error('gone'));
    await expect(work).rejects.toThrow('gone');
  },
);

test('text is plain, without link targets and images', async () => {
  const html = '<h1>Head</h1><p>a <a href="/x">link</a> <img src="x" alt="pic"></p><ul><li>one<li>two</ul>';
  expect(await text(html)).toBe('Head\n\na link\n\n * one\n * two');
  expect((await text('<table><tr><td>a<td>b</tr><tr><td>c<td>d</table>')).replace(/ +$/gm, '')).toBe(
    'a b\nc d',
  );
});

describe.each(['markdown', 'text'] as const)('%s leaves out invisible parts:', (format) => {
  test.each(
    [
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
      '<noembed><b>hidden</noembed>',
      '<noframes>hidden</noframes>',
      '<ruby>x<rp>hidden</rp></ruby>',
      '<img src=x alt=hidden width=0 height=0>',
      '<img src=x alt=hidden height=1px>',
      '<img src=x alt=hidden style="width:0">',
      '<div style="visibility:hidden"><img src=x alt=hidden></div>',
      '<div style="--n:none"><p style="display:var(--n)">hidden</div>',
      '<p style="color:#fff">hidden',
      ...[
        'hidden',
        'aria-hidden=true',
        'popover',
        'style="display:none"',
        'bgcolor=red style="color:red"',
      ].map(
        (attribute) =>
          `<p ${Array.from({ length: 300 }, (_, n) => `a${n}`).join(' ')} ${attribute}>hidden</p>`,
      ),
    ].map((html) => [html.slice(-70), html] as const),
  )('%s', async (_name, html) => {
    expect((await page(`<p>seen</p>${html}`, { format })).content).not.toMatch(/hidden/);
  });
});

test('html is the unchanged source', async () => {
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
    ['that is not declared, UTF-8', Buffer.from('grün'), 'text/html', 'grün'],
    ['that is not declared, not UTF-8', Buffer.from('gr\u00fcn', 'latin1'), 'text/html', 'grün'],
    [
      'of text, where meta has no meaning',
      Buffer.from('<meta charset=shift_jis> é'),
      'text/plain',
      '<meta charset=shift_jis> é',
    ],
    ['that is unknown', Buffer.from('grün'), 'text/html; charset=klingon', 'grün'],
  ])('%s', async (_name, bytes, contentType, expected) => {
    expect((await page(bytes, { contentType, format: 'text' })).content).toBe(expected);
  });

  test('that is unsafe is refused', async () => {
    expect(await refusal(() => page('x', { contentType: 'text/html; charset=iso-2022-kr' }))).toMatch(
      /^content_unsupported/,
    );
  });

  test('may be cut in the middle of a character', async () => {
    expect((await page(Buffer.from('grün').subarray(0, 3), { format: 'text' })).content).toBe('gr\ufffd');
  });
});

describe('text that is not HTML', () => {
  test.each(['markdown', 'text', 'html'] as const)('stays unchanged in %s', async (format) => {
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
  test('content is cut at maxBytes of UTF-8, between characters', async () => {
    const { content, truncated } = await page('é'.repeat(1000), { format: 'text', maxBytes: 1023 });
    expect(content).toBe('é'.repeat(511));
    expect(truncated).toBe(true);
  });

  test('content of exactly maxBytes is complete', async () => {
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

  test('nested quotes end with the content', async () => {
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
