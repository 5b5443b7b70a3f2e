/** Pages of the kinds that people ask for, with what must stay of each and what must go. Written for these tests. */
export interface PageKind {
  readonly name: string;
  readonly html: string;
  readonly kept: readonly string[];
  readonly left: readonly string[];
  /** Whether no part of it is the main one, so that the whole page is shown. @default false */
  readonly isWhole?: boolean;
}

const SENTENCES = [
  'The lock is opened with a key that only its owner holds, and it is turned twice before the door gives way.',
  'Water runs down the hill in spring, when the snow of the north side melts faster than the ground takes it in.',
  'Most of the old bridges were built of oak, which is heavy, hard to work, and lasts for three hundred years.',
  'A letter that is sent on Monday arrives on Wednesday, unless the train from the coast is late once more.',
  'Bakers get up long before the sun, so that the bread is warm when the first customers open the door.',
];

/** Paragraphs, each with its number as a word of its own. */
export function prose(paragraphs: number, from = 1): string {
  return Array.from({ length: paragraphs }, (_, index) => {
    const number = from + index;
    return `<p>Paragraph${number} begins. ${SENTENCES[number % 5]} ${SENTENCES[(number + 2) % 5]}</p>`;
  }).join('\n');
}

export const NAV =
  '<nav><ul><li><a href="/">NavHome</a></li><li><a href="/about">NavAbout</a></li><li><a href="/jobs">NavJobs</a></li></ul></nav>';
export const COOKIES =
  '<div id="cookie-banner"><p>CookieNotice: we and our 840 partners store information on your device, to show you what you did not ask for.</p><button>Accept</button></div>';
export const FOOTER =
  '<footer><p>FooterNote: all rights are reserved by the company that owns this page, its parents and its heirs, since 1999.</p><a href="/terms">FooterTerms</a></footer>';
const RELATED = `<div class="related-stories"><h3>RelatedHead</h3><ul>${'<li><a href="/x">RelatedStory of another day</a></li>'.repeat(6)}</ul></div>`;

function page(body: string): string {
  return `<!doctype html><html><head><title>Title</title></head><body>${body}</body></html>`;
}

function article(name: string, container: (inner: string) => string): PageKind {
  return {
    name: `an article in ${name}`,
    html: page(
      `<header><a href="/">SiteName</a></header>${NAV}${container(`<h1>HeadLine</h1>${prose(5)}`)}${RELATED}${COOKIES}${FOOTER}`,
    ),
    kept: ['HeadLine', 'Paragraph1', 'Paragraph5'],
    left: ['NavAbout', 'RelatedStory', 'CookieNotice', 'FooterNote', 'FooterTerms'],
  };
}

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

export const PAGE_KINDS: readonly PageKind[] = [
  article('main', (inner) => `<main>${inner}</main>`),
  article('article', (inner) => `<article>${inner}</article>`),
  article('role=main', (inner) => `<div role="main">${inner}</div>`),
  article('a div without a name', (inner) => `<div>${inner}</div>`),
  article('the body itself', (inner) => inner),
  article('a table for layout', (inner) => `<table><tr><td>${inner}</td></tr></table>`),
  article(
    'divs for paragraphs',
    (inner) => `<div>${inner.replaceAll('<p>', '<div>').replaceAll('</p>', '</div>')}</div>`,
  ),
  article('lines with br', (inner) => `<div>${inner.replaceAll(/<\/?p>/g, '<br><br>')}</div>`),
  article('a div whose name says sidebar', (inner) => `<div class="sidebar">${inner}</div>`),
  article(
    'a form around it all',
    (inner) => `<form><input type="hidden" name="state"><div>${inner}</div></form>`,
  ),
  article('a div beside its header', (inner) => {
    const end = inner.indexOf('</h1>') + '</h1>'.length;
    return `<div class="a"><div class="head">${inner.slice(0, end)}</div><div class="b"><div>${inner.slice(end)}</div></div></div>`;
  }),
  {
    name: 'an article whose header is mostly links',
    html: page(
      `${NAV}<div><header><h1>HeadLine</h1><p><a href="/a">An author with a long name</a></p><p><a href="/t">A topic</a></p></header>${prose(5)}</div>`,
    ),
    kept: ['HeadLine', 'Paragraph1', 'Paragraph5'],
    left: ['NavHome'],
  },
  {
    name: 'an article around boxes of links and a form',
    html: page(
      `<article><h1>HeadLine</h1>${prose(3)}<div><p>Read on</p><p><a href="/x">TeaserLink to another story</a></p></div>${prose(3, 4)}<form><p>LetterForm</p><input></form></article>`,
    ),
    kept: ['HeadLine', 'Paragraph1', 'Paragraph6'],
    left: ['TeaserLink', 'LetterForm'],
  },
  {
    name: 'an article with links in its sentences and a list of sources',
    html: page(
      `<article><h1>HeadLine</h1>${prose(3).replaceAll('. ', '. See <a href="/s">InnerLink</a>. ')}<div>Also <a href="/l">LineLink of one line</a></div><ol>${'<li><a href="/s">SourceName</a> of 1999, page 12, in the second edition</li>'.repeat(9)}</ol></article>${FOOTER}`,
    ),
    kept: ['InnerLink', 'LineLink', 'SourceName', 'Paragraph3'],
    left: ['FooterTerms'],
  },
  {
    name: 'documentation whose sections have ids of their headings',
    html: page(
      `${NAV}<div class="document"><h1>DocTitle</h1>${['sharing-with-a-single-developer', 'login', 'menu']
        .map((id, index) => `<section id="${id}"><h2>${id}</h2>${prose(1, index + 1)}</section>`)
        .join(
          '',
        )}<div id="sharing-a-whole-repository"><h2 id="menu-two">MenuHeading</h2>${prose(1, 4)}</div></div>`,
    ),
    kept: ['DocTitle', 'Paragraph1', 'Paragraph2', 'Paragraph3', 'MenuHeading', 'Paragraph4'],
    left: ['NavJobs'],
  },
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
