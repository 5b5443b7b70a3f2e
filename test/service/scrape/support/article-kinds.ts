import { COOKIES, FOOTER, NAV, type PageKind, page, prose, RELATED } from './page-pieces.ts';

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

/** Sixty words, none of them in a sentence. */
const labels = (word: string) => `<div>${word}</div><div>One label</div>`.repeat(30);

/** Articles, by their markup. */
export const ARTICLE_KINDS: readonly PageKind[] = [
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
  {
    name: 'an article with a lead and a caption beside its text',
    html: page(
      `<div>${labels('OtherLabel')}</div><div><div>LeadWords of two lines</div><div>${prose(5)}</div><div>CaptionWords</div></div>`,
    ),
    kept: ['LeadWords', 'CaptionWords', 'Paragraph5'],
    left: ['OtherLabel'],
  },
  {
    name: 'an article whose headline is far from its text',
    html: page(`<div><h1>HeadLine</h1></div><div>${labels('OtherLabel')}</div><div>${prose(5)}</div>`),
    kept: ['HeadLine', 'Paragraph5'],
    left: ['OtherLabel'],
  },
  {
    name: 'an article with labels between its headline and its text',
    html: page(
      `<div>${labels('OtherLabel')}</div><div><div><h1>HeadLine</h1>${'<div>FactLabel</div>'.repeat(30)}</div><div>${prose(5)}</div></div>`,
    ),
    kept: ['HeadLine', 'FactLabel', 'Paragraph5'],
    left: ['OtherLabel'],
  },
  {
    name: 'an article in main, before other prose',
    html: page(`<main><h1>HeadLine</h1>${prose(4)}</main><div>${prose(2, 10)}</div>`),
    kept: ['HeadLine', 'Paragraph4'],
    left: ['Paragraph10', 'Paragraph11'],
  },
  {
    name: 'an article before an empty main',
    html: page(`<div>${prose(4)}</div><main></main><div>${labels('OtherLabel')}</div>`),
    kept: ['Paragraph4'],
    left: ['OtherLabel'],
  },
  {
    name: 'an article with questions in a form',
    html: page(`<article>${prose(5)}<form>${prose(3, 6)}<input></form></article>`),
    kept: ['Paragraph1', 'Paragraph8'],
    left: [],
  },
  {
    name: 'an article in lines of one div, beside labels',
    html: page(`<div><div>${prose(5).replaceAll(/<\/?p>/g, '<br><br>')}</div>${labels('OtherLabel')}</div>`),
    kept: ['Paragraph1', 'Paragraph5'],
    left: ['OtherLabel'],
  },
  {
    name: 'an article among roles',
    html: page(
      `<div role="navigation">RoleNav</div><div role="banner">RoleBanner</div><div>${prose(5)}</div><div role="Complementary">RoleSide</div><div role="contentinfo">RoleInfo</div>`,
    ),
    kept: ['Paragraph5'],
    left: ['RoleNav', 'RoleBanner', 'RoleSide', 'RoleInfo'],
  },
  {
    name: 'a single paragraph among short ones',
    html: page(
      `<div>${'<p>ShortOne of few words.</p>'.repeat(10)}${prose(1)}${'<p>ShortTwo of few words.</p>'.repeat(10)}</div>`,
    ),
    kept: ['ShortOne', 'Paragraph1', 'ShortTwo'],
    left: [],
  },
];
