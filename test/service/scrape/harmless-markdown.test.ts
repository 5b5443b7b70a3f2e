import { describe, expect, test } from '@jest/globals';
import MarkdownIt from 'markdown-it';
import { cleanTexts } from '../../../service/scrape/page/clean-texts.ts';
import { toPage } from '../../../service/scrape/page/page.ts';
import { parse } from '../../../service/scrape/page/parse.ts';
import { render } from '../../../service/scrape/page/render.ts';
import { visibleText } from '../../../service/text/visible-text.ts';
import { createTurns } from '../../../service/turns.ts';
import { fc } from '../../support/property.ts';
import { same } from '../../support/same.ts';

const turn = () => createTurns().begin(new AbortController().signal);

async function markdown(html: string): Promise<string> {
  const fetched = {
    url: new URL('http://public.org/'),
    status: 200,
    contentType: 'text/html; charset=utf-8',
    bytes: Buffer.from(html),
    truncated: false,
  };
  return (await toPage(fetched, { format: 'markdown' }, 1e6, turn())).content;
}

// Texts are not joined, so that character references stay recognizable.
const judge = new MarkdownIt('default', { html: true, linkify: false }).disable('text_join');

/** The kinds of elements that a Markdown parser finds, with the targets of links and images. */
function kindsIn(source: string): string[] {
  const tokens = judge.parse(source, {}).flatMap((token) => [token, ...(token.children ?? [])]);
  const kinds = tokens
    .filter(
      ({ type, info }) =>
        info === 'entity' ||
        !/^(?:inline|text|softbreak|hardbreak|text_special|paragraph_\w+)$|_close$/.test(type),
    )
    .map((token) => `${token.type} ${token.attrGet('href') ?? token.attrGet('src') ?? token.tag}`);
  return [...new Set(kinds)].toSorted();
}

describe('the text of a page stays text, even after characters are removed from it:', () => {
  test.each([
    '&lt;&#8203;img src=x onerror=alert(1)&gt; &lt;&#x200b;script&gt;x&lt;&#x200b;/script&gt;',
    '<p>&#8203;# Heading</p><p>#&#8203; two</p><p>1.&#8203; item</p><p>-&#8203; item</p><p>&#8203;&gt; quote</p>',
    '<a href="java&#8203;script:alert(1)">x</a> <a href="da&shy;ta:text/html,x">y</a>',
    '<a href="javascript&amp;colon;alert(1)">x</a> <a href="&amp;#106;avascript:x">y</a>'.replaceAll(
      'href',
      'x',
    ),
    'text&#x2028;# Heading&#x2028;- item&#x2028;&gt; quote&#x2028;===',
    'text\x0b# Heading\x0b===\x85- item',
    '&amp;<span>lt;script&amp;</span>gt; ~<span>~strike~</span>~',
    '&amp;&#8203;lt;b&amp;gt; *&#8203;*b*&#8203;* !&#8203;[x](y)',
    '<img alt="# Heading">',
    '<img alt="&amp;lt;b&amp;gt; &#x2028;# Heading">',
  ])('%s', async (html) => {
    expect(kindsIn(await markdown(html))).toEqual([]);
  });

  test.each([
    ['<code>`&#8203;` [evil](http://evil.test) &lt;img src=x&gt;</code>', ['code_inline code']],
    ['<code>a&#x2028;&#x2028;[evil](http://evil.test) &lt;script&gt;</code>', ['code_inline code']],
    ['<pre>``&#8203;`\n# head\n[evil](http://evil.test) &lt;script&gt;</pre>', ['fence code']],
    [
      '<blockquote><pre>x&#x2028;&#x2028;# heading</pre></blockquote>',
      ['blockquote_open blockquote', 'fence code'],
    ],
    ['<a href="javascript&amp;colon;alert(1)">x</a>', ['link_open javascript&colon;alert(1)']],
    ['<a href=/x title="a&#x2028;&#x2028;# b&quot;)&#8203; [c](d)">x</a>', ['link_open /x']],
    ['<a href=/x><img src=/y alt="](z) &#8203;[a](b) &amp;lt;"></a>', ['image /y', 'link_open /x']],
    ['<h2>a&#x2028;b&#x2028;- c</h2>', ['heading_open h2']],
    ['<ul><li>a&#x2028;b&#x2028;# c</ul>', ['bullet_list_open ul', 'list_item_open li']],
  ])('%s', async (html, kinds) => {
    expect(kindsIn(await markdown(html))).toEqual(kinds);
  });

  test('a table cell stays one cell', async () => {
    const content = await markdown('<table><tr><td>a&#x2028;b<td>c\x0b|d</table>');
    expect(content).toBe('| a b | c \\|d |\n| --- | --- |');
  });
});

/** Text that is nearly Markdown or HTML, with removed characters or line breaks between its parts. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'# ## - + * ** _ ~ ~~ ` `` ``` ~~~ > >> = === --- 1. 12) | |-|-| [ ]( ) ![ ] [a]: < <b> </b> <!-- --> <script> <a\\ href=x> \\ \\\\ ! : &'.split(
          ' ',
        ),
        ...'&lt; lt; #60; &#x3c; http://e.org javascript:alert(1) <http://e.org> a b 1 . é 漢 😀 م'.split(
          ' ',
        ),
      ),
      fc.constantFrom(
        ' ',
        '  ',
        '    ',
        '\n',
        '\n\n',
        '\t',
        '\u00a0',
        '\v',
        '\f',
        '\r',
        '\x85',
        '\u2028',
        '\u2029',
      ),
      fc.constantFrom(
        '\u200b',
        '\u00ad',
        '\u200d',
        '\ufe0f',
        '\u202e',
        '\u{e0041}',
        '\x1b[m',
        '\x07',
        '\ud83d',
        '\uffff',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 3 }),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));

const escaped = (text: string) =>
  text.replace(/[&<>"\0\r\x80-\x9f]|[\ud800-\udfff](?![\udc00-\udfff])/g, (c) => `&#${c.charCodeAt(0)};`);

/** Elements around hostile text, by the kinds of Markdown that they become. */
function pageOf(names: readonly string[]): fc.Arbitrary<string> {
  const { node } = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      hostileText.map(escaped),
      fc
        .tuple(fc.constantFrom(...names), fc.array(tie('node'), { maxLength: 4 }), hostileText.map(escaped))
        .map(([name, inside, text]) => {
          const attributes =
            name === 'a'
              ? ` href="/x${text}" title="${text}"`
              : name === 'img'
                ? ` src="/x${text}" alt="${text}"`
                : '';
          return `<${name}${attributes}>${inside.join('')}</${name}>`;
        }),
    ),
  }));
  return fc.array(node, { maxLength: 5 }).map((nodes) => nodes.join(''));
}

test('a Markdown parser finds only paragraphs in a page of paragraphs', async () => {
  await fc.assert(
    fc.asyncProperty(pageOf(['p', 'div', 'span', 'font', 'section']), async (html) => {
      same(kindsIn(await markdown(html)), []);
    }),
    { numRuns: 3000 },
  );
});

const ALLOWED = new Map([
  ['a', /^link_open \/x/],
  ['img', /^image \/x/],
  ['code', /^code_inline /],
  ['pre', /^fence /],
  ['blockquote', /^blockquote_open /],
  ['h2', /^heading_open h2$/],
  ['ul', /^bullet_list_open /],
  ['ol', /^ordered_list_open /],
  ['li', /^(?:list_item|bullet_list)_open /],
  ['hr', /^hr /],
  ['table', /^(?:table|thead|tbody|tr|th|td)_open /],
  ['b', /^strong_open /],
  ['i', /^em_open /],
  ['s', /^s_open /],
]);

test('a Markdown parser finds no kind of element that the page does not have', async () => {
  const names = [...ALLOWED.keys(), 'td', 'tr', 'p', 'span'];
  await fc.assert(
    fc.asyncProperty(pageOf(names), async (html) => {
      const allowed = [...ALLOWED].filter(([name]) => html.includes(`<${name}`)).map(([, kind]) => kind);
      const found = kindsIn(await markdown(html)).filter((kind) => !allowed.some((each) => each.test(kind)));
      same(found, []);
    }),
    { numRuns: 3000 },
  );
});

test('the result contains only visible characters: cleaning it again changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      pageOf([...ALLOWED.keys(), 'td', 'p', 'span']),
      fc.boolean(),
      async (html, isMarkdown) => {
        const { document } = await parse(html, turn());
        await cleanTexts(document, turn());
        const content = await render({ roots: document.children, skip: new Set() }, isMarkdown, 1e6, turn());
        same(await visibleText(content, turn()), content);
      },
    ),
    { numRuns: 3000 },
  );
});
