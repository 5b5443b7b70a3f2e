/** A page made to be slow to read: its name and its source. */
export type HostilePage = readonly [name: string, html: string];

/** Styles that take long to read, each just short enough to be read. */
function hostileStyles(): readonly (readonly [name: string, style: string])[] {
  const upTo = (length: number, unit: string) => unit.repeat(Math.floor(length / unit.length));
  const value = (unit: string) => upTo(1020, unit);
  return [
    ['empty declarations', upTo(8000, 'a:b;')],
    ['transforms', upTo(8000, 'transform:scale(1) a(b);')],
    ['lengths', upTo(8000, 'left:calc(1px);')],
    ['points', `clip-path:polygon(${value('1 2,').slice(20)});`.repeat(7)],
    ['colours', `background:${value('hsl(1,2%,3%) ')};`.repeat(7)],
    ['numbers in one word', `left:${value('1,')};`.repeat(60)],
    ['one variable many times', `--a:${value('red ')};${`background:${value('var(--a)')};`.repeat(25)}`],
    ['one empty variable many times', `--a:;${`left:${value('var(--a)')};`.repeat(8)}`],
    [
      'variables of variables',
      `--a0:;${[1, 2, 3, 4, 5, 6].map((n) => `--a${n}:${value(`var(--a${n - 1})`)};`).join('')}left:var(--a6)`,
    ],
    ['escapes', upTo(16_000, '\\41 ')],
    ['one picture', `a:url(${'b'.repeat(64_000)})`],
  ];
}

/**
 * Documents that make naive conversions hang, overflow the stack or multiply their output.
 *
 * @param size bytes to which each document is filled
 */
export function hostile(size: number): readonly HostilePage[] {
  const fill = (unit: string, before = '', after = '') =>
    before + unit.repeat(Math.floor((size - before.length - after.length) / unit.length)) + after;
  const nest = (open: string, close: string, depth: number, inside: string) =>
    open.repeat(depth) + inside + close.repeat(depth);
  const deep = (open: string, close: string, depth: number, unit: string) => {
    const frame = (open.length + close.length) * depth;
    return nest(open, close, depth, unit.repeat(Math.floor((size - frame) / unit.length)));
  };
  /** As many units as stay below the bound on elements in 1 MiB, in proportion to the size. */
  const many = (unit: string, elements: number, before = '', after = '') =>
    before + unit.repeat(Math.floor((39_000 * size) / 1024 / 1024 / elements)) + after;
  const numbered = (count: number, unit: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => unit(n)).join('');
  return [
    ['unclosed divs', fill('<div>')],
    ['20,000 closed divs', nest('<div>', '</div>', 20_000, 'x')],
    ['unclosed formatting', fill('<b><i>x')],
    ['75,000 stray paragraph ends', '</p>'.repeat(75_000)],
    ['stray ends of everything', fill('</a></b></div></table>')],
    ['120 divs around words', deep('<div>', '</div>', 120, 'word word ')],
    ['120 spans around words', deep('<span>', '</span>', 120, ' word')],
    ['120 bold around words', deep('<b>', '</b>', 120, ' word')],
    ['120 divs around paragraphs', deep('<div>', '</div>', 120, `<p>${'word '.repeat(8)}`)],
    ['120 quotes around lines', deep('<blockquote>', '</blockquote>', 120, 'x<br>')],
    ['8 quotes around lines', deep('<blockquote>', '</blockquote>', 8, 'xxxxxxxxxxxxxxxxxxxxxx<br>')],
    ['8 quotes around preformatted lines', fill('x\n', `${'<blockquote>'.repeat(8)}<pre>`)],
    ['nested lists', deep('<ul><li>', '</li></ul>', 60, 'x<br>')],
    ['quoted siblings', fill(nest('<blockquote>', '</blockquote>', 8, `<pre>${'x\n'.repeat(100)}</pre>`))],
    ['flat ordered list', fill('<li>an item that has some words</li>', '<ol>', '</ol>')],
    ['nested tables', deep('<table><tr><td>', '</td></tr></table>', 40, 'x ')],
    ['wide table', fill('<td>x', '<table><tr>')],
    ['less-than signs', fill('<')],
    ['less-than letters', fill('<a ')],
    ['asterisks', fill('*')],
    ['underscores', fill('_')],
    ['backticks', fill('`', '<code>', '</code>')],
    [
      'backtick runs of every length',
      `<code>${numbered(1400, (n) => `${'`'.repeat(n)} `)}</code>`.slice(0, size),
    ],
    ['brackets', fill('[](')],
    ['spaces', fill(' ', 'a', 'b')],
    ['spaces in preformatted text', fill(' ', '<pre><span>a', '&nbsp;</span>b</pre>')],
    ['newlines in preformatted text', fill('\n', '<pre>a', 'b</pre>')],
    ['code that starts blank', fill('a', 'x <code><img> ', '</code>')],
    ['no-break spaces', fill('&nbsp; ', '<b>a', 'b</b>')],
    ['blanks split by elements', fill(`<i>${' '.repeat(60)}</i>`, '<pre>a', 'b</pre>')],
    ['line breaks', fill('<br>', 'a', 'b')],
    ['horizontal rules', fill('<hr>')],
    ['empty links', fill('<a href=x></a>')],
    ['entities', fill('&amp;')],
    ['unfinished entities', fill('&am')],
    ['one element with many attributes', `<p ${numbered(100_000, (n) => `a${n} `)}>x`],
    ['one long attribute', fill('a', '<a href="', '">x</a>')],
    ['newlines in a title attribute', fill('\n ', '<a href="x" title="', 'x">x</a>')],
    ['long class attributes', fill(`<p class="${'a '.repeat(500)}">`)],
    ['unclosed comment', fill('<!-- -', '<p>x')],
    ['unclosed script', fill('</scrip', '<script>')],
    ['unclosed title', fill('</titl ', '<title>')],
    ['siblings', fill('<p>x</p><i></i>')],
    ['many paragraphs', many('<p>some words</p>', 1)],
    ['many siblings', many('<p>x</p><i></i>', 2)],
    ['many line breaks', many('x<br>', 1)],
    ['many line breaks in a row', many('<br>', 1, 'a', 'b')],
    ['many rules', many('<hr>', 1)],
    ['many list items', many('<li>x', 1, '<ol start=999999>', '</ol>')],
    ['many links without text', many('<a href=x></a>', 1)],
    ['many cells in a row', many('<td>x|', 1, '<table><tr>')],
    ['many cells in rows', many('<tr><td>x', 2, '<table>')],
    ['many rows in each other', many('<tr>', 1, '<table>')],
    ['many blank elements', many('<b> </b><a> </a>', 2)],
    ['many images', many('<img src=x alt="a b">', 1)],
    ['lists 8 deep', many(nest('<ul><li>', '</li></ul>', 4, 'x<br>x<br>'), 10)],
    ['quotes 8 deep', many(nest('<blockquote>', '</blockquote>', 8, 'x<br>x<br>'), 10)],
    ['list items around preformatted lines', fill('x\n', `${'<ul><li>'.repeat(4)}<pre>`)],
    [
      'many elements in chains',
      many(numbered(100, (n) => `<t${n}>`) + numbered(100, (n) => `</t${99 - n}>`), 100),
    ],
    [
      'many blank elements in chains',
      many(numbered(100, (n) => `<t${n}> `) + numbered(100, (n) => `</t${99 - n}>`), 100),
    ],
    ['120 levels and many elements', '<div>'.repeat(110) + many('<b>x</b> ', 1)],
    [
      'tables in lists in quotes',
      many(
        nest(
          '<blockquote><ul><li><table><tr><td>',
          '</td></tr></table></li></ul></blockquote>',
          6,
          'x | y<br>',
        ),
        37,
      ),
    ],
    ['blanks in a link target', fill(' ', '<a href="x', 'y">z</a>')],
    ['blanks of every kind in a title', fill(' \n\t\r\f\u00a0', '<a href=x title="x', 'y">z</a>')],
    ['blanks in the text of an image', fill('\t ', '<img src=x alt="x', 'y">z')],
    ['blanks in many link targets', fill(`<a href="x${' '.repeat(2000)}y">z</a>`)],
    ['entities in an attribute', fill('&amp;', '<a href="', '">x</a>')],
    ['numeric entities', fill('&#x26;')],
    ['texts like entities', fill('&amp;lt;')],
    ['one long tag name', fill('a', '<', '>x')],
    ['one long attribute name', fill('a', '<p ', '>x')],
    ['one long style', fill('a:b;', '<p style="', '">x')],
    ['slashes in a tag', fill('/', '<p ', '>x')],
    ['ends of a deep stack', fill('</x>', '<div>'.repeat(126))],
    ['long names that are alike', fill(`</${'a'.repeat(3999)}b>`, `<${'a'.repeat(4000)}>`.repeat(20))],
    ['closing line breaks', fill('</br>')],
    ['forms', fill('<form>')],
    ['titles in drawings', fill('</title>', '<svg>'.repeat(126))],
    ['plain text to the end', fill('<', '<plaintext>')],
    ['marked data', fill(']', '<![CDATA[')],
    ['bold around line breaks', deep('<b>', '</b>', 120, 'x<br><br>')],
    ['links around blocks', many('<a href=/x><div>x</div><div>y</div></a>', 3)],
    ['pieces of code', many('<code>`x</code>', 1)],
    ['definitions', many('<dt>a<dd>b', 2, '<dl>')],
    ['tables beside each other', many('<table><tr><td>x</table>', 3)],
    ['numbers at the start of lines', fill('1. <br>')],
    ['control characters', fill('\u0001')],
    ['characters beyond ASCII', fill('€').slice(0, size / 3)],
    ['characters beyond the first plane', fill('😀').slice(0, size / 2)],
    [
      'names of the prototype',
      fill('<constructor __proto__=x toString=y>x</constructor><__proto__>y</__proto__>'),
    ],
    ['chains of tag names', fill(numbered(100, (n) => `<t${n}>`) + numbered(100, (n) => `</t${99 - n}>`))],
    ['empty inline elements', fill('<b></b><a></a> ')],
    ['one long colour', fill('red ', '<p bgcolor="', '">x')],
    ['one long colour of letters', fill('hsl(1,2,3) ', '<font color="', '">x')],
    ['one long colour of a body', fill('#fff ', '<body text="', '">x')],
    ['variables in a colour', fill('var(--a)', `<p style="--a:${'red '.repeat(254)}" bgcolor="`, '">x')],
    ...hostileStyles().map(
      ([name, style]) => [`styles of ${name}`, fill(`<p style="${style}">x</p>`)] as const,
    ),
    ['many small styles', many('<p style="--a:red;color:var(--a)">x', 1)],
    ['styles in each other', fill(nest('<b style="--a:b;left:var(--c)var(--d)">', '</b>', 120, 'x'))],
    ['styles after many attributes', fill(`<p ${numbered(300, (n) => `a${n} `)}style="color:red" hidden>x`)],
    ['invisible characters between letters', fill('a&#8203;')],
    ['invisible characters in many texts', many('<b>\u200ba\u00ad</b>', 1)],
    ['line separators', fill('&#x2028;# ')],
    ['line separators in code', fill('`&#x2028;', '<code>', '</code>')],
    ['invisible characters in link targets', fill(`<a href="${'x&#8203;'.repeat(250)}">y</a>`)],
    ['images without a target', fill(`<img alt="${'#\u200b '.repeat(80)}">`)],
  ];
}
