import { ARTICLE_KINDS } from './article-kinds.ts';
import { FOOTER, NAV, type PageKind, page, prose, RELATED } from './page-pieces.ts';

const DOCUMENTATION: PageKind = {
  name: 'documentation with code and tables',
  html: page(`<div class="layout"><div class="sidebar"><ul>${'<li><a href="/g">SideGuide</a></li>'.repeat(30)}</ul></div>
    <div class="md-content"><h1>Install DocTitle</h1><p>Install it with one command.</p><pre><code>npm install CodeInstall</code></pre>
    <h2>Options</h2><table><thead><tr><th>Option</th><th>Default</th></tr></thead><tbody><tr><td><a href="#a">OptionRetries</a></td><td>3</td></tr>
    <tr><td><a href="#b">OptionTimeout</a></td><td>20 s</td></tr></tbody></table><h2>Example</h2><pre><code>const client = connect(CodeConnect);
    client.send('hello');
    client.close();</code></pre><p>See <a href="/errors">LinkErrors</a>.</p><ul><li>ShortItem</li></ul>${prose(1)}</div></div>${FOOTER}`),
  kept: [
    'DocTitle',
    'Paragraph1',
    'CodeInstall',
    'CodeConnect',
    'OptionRetries',
    'OptionTimeout',
    'LinkErrors',
    'ShortItem',
  ],
  left: ['SideGuide', 'FooterNote'],
};

const REFERENCE: PageKind = {
  name: 'an API reference, a list of entries',
  html: page(
    `${NAV}<main><h1>ReferenceTitle</h1><dl>${Array.from(
      { length: 40 },
      (_, index) => `<dt id="f${index}"><code>entry${index}(name)</code></dt><dd>Gives back ${index}.</dd>`,
    ).join('')}</dl></main>${FOOTER}`,
  ),
  kept: ['ReferenceTitle', 'entry0', 'entry20', 'entry39', 'back'],
  left: ['NavHome', 'FooterNote'],
};

function results(name: string, item: (index: number) => string): PageKind {
  return {
    name,
    html: page(
      `${NAV}<form action="/s"><input name="q"></form><div id="results">${Array.from({ length: 20 }, (_, index) => item(index)).join('')}</div>${FOOTER}`,
    ),
    kept: Array.from({ length: 20 }, (_, index) => `Result${index}`),
    left: [],
  };
}

const PRODUCT: PageKind = {
  name: 'a product with its price and its data',
  html: page(`${NAV}<div class="product"><div class="gallery"><img src="a.jpg" alt=""><img src="b.jpg" alt=""></div><div class="buy">
    <h1>KettleName</h1><span class="price">PriceNumber 39.90</span><p>StockNote: 4 left.</p><form><select><option>Black</option></select><button>Buy</button></form></div>
    <div class="details"><h2>About</h2>${prose(2)}<table><tr><th>WeightRow</th><td>900 g</td></tr><tr><th>PowerRow</th><td>2400 W</td></tr></table></div></div>
    <div class="recommendations"><h3>OthersBought</h3>${'<div><a href="/p"><img src="p.jpg" alt="">OtherProduct</a><span>9.90</span></div>'.repeat(8)}</div>${FOOTER}`),
  kept: ['KettleName', 'PriceNumber', 'StockNote', 'Paragraph1', 'Paragraph2', 'WeightRow', 'PowerRow'],
  left: ['NavJobs', 'FooterNote', 'OtherProduct'],
};

function thread(className: string): PageKind {
  return {
    name: `a thread of equal posts, each of class ${className}`,
    html: page(
      `${NAV}<h1>ThreadTitle</h1><div class="${className}s">${Array.from(
        { length: 8 },
        (_, index) =>
          `<div class="${className}"><div class="by"><a href="/u">User${index}</a> on Monday</div><div class="${className}-body">${prose(1, index + 1)}</div></div>`,
      ).join('')}</div>${FOOTER}`,
    ),
    kept: ['ThreadTitle', ...Array.from({ length: 8 }, (_, index) => `Paragraph${index + 1}`)],
    left: ['NavAbout', 'FooterNote'],
  };
}

const CHINESE =
  '锁用钥匙打开，钥匙只有主人才有，门要转两圈才会打开、然后慢慢地合上。春天的时候，北坡的雪化得比土地吸收得快。';

/** Pages of all kinds. */
export const PAGE_KINDS: readonly PageKind[] = [
  ...ARTICLE_KINDS,
  DOCUMENTATION,
  REFERENCE,
  results(
    'search results with snippets',
    (index) =>
      `<div class="r"><h3><a href="/${index}">Result${index} of many</a></h3><span>A few words about it, ${index}.</span></div>`,
  ),
  results(
    'a list of links in a table',
    (index) =>
      `<table><tr><td>${index}.</td><td><a href="/${index}">Result${index}: a headline of some length that is a link as a whole</a></td></tr></table>`,
  ),
  results('a list of links', (index) => `<li><a href="/${index}">Result${index}</a></li>`),
  PRODUCT,
  thread('post'),
  thread('comment'),
  thread('reply'),
  {
    name: 'an article in Chinese',
    html: page(`${NAV}<div><h1>标题</h1>${`<p>${CHINESE}</p>`.repeat(6)}</div>${RELATED}${FOOTER}`),
    kept: ['标题', '锁用钥匙打开'],
    left: ['NavAbout', 'RelatedStory', 'FooterNote'],
  },
  {
    name: 'an article in Arabic',
    html: page(
      `${NAV}<div dir="rtl"><h1>عنوان</h1>${'<p>يفتح القفل بمفتاح لا يملكه إلا صاحبه، ويدار مرتين قبل أن يفتح الباب، ثم يغلق ببطء.</p>'.repeat(6)}</div>${RELATED}${FOOTER}`,
    ),
    kept: ['عنوان', 'القفل'],
    left: ['NavAbout', 'RelatedStory', 'FooterNote'],
  },
  {
    name: 'a page that is all asides',
    html: page(
      `<p>Welcome.</p><aside>${prose(2)}</aside><footer>${prose(2, 3)}</footer><div class="related">${prose(2, 5)}</div>`,
    ),
    kept: ['Welcome', 'Paragraph1', 'Paragraph4', 'Paragraph6'],
    left: [],
    isWhole: true,
  },
  {
    name: 'an article in short lines of Chinese, beside labels',
    html: page(
      `<div>${'<p>锁用钥匙打开，钥匙只有主人才有、门要转两圈。</p>'.repeat(9)}</div><div>${'<p>Label of 20 letters.</p>'.repeat(9)}</div>`,
    ),
    kept: ['锁用钥匙打开'],
    left: ['Label'],
  },
  { name: 'nothing', html: '', kept: [], left: [], isWhole: true },
  {
    name: 'the shell of an application',
    html: page('<div id="root"></div><noscript>Enable it.</noscript>'),
    kept: [],
    left: [],
    isWhole: true,
  },
  {
    name: 'a portal of links without main content',
    html: page(
      `${NAV}${'<div><h2>PortalHead</h2><a href="/1">PortalLink</a> <a href="/2">PortalLink</a></div>'.repeat(30)}`,
    ),
    kept: ['PortalHead', 'PortalLink'],
    left: [],
  },
  {
    name: 'two sentences in a body',
    html: '<p>OnlySentence, and it is short.</p><p>SecondSentence.</p>',
    kept: ['OnlySentence', 'SecondSentence'],
    left: [],
  },
  {
    name: 'text without an element',
    html: 'PlainText of a server that knows no HTML. '.repeat(20),
    kept: ['PlainText'],
    left: [],
  },
];
