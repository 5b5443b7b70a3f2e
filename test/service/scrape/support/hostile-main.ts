import type { HostilePage } from './hostile-pages.ts';

/** Nearly as many elements as a page may have. */
const ELEMENTS = 39_000;

/**
 * Pages within the parser's bounds that make naive scorers slow: scorers that read the text of each element, its
 * ancestors, its neighbours or its name.
 *
 * @param size maximum bytes of each
 * @param elements maximum elements of each. @default - nearly as many as a page may have
 */
export function hostileToMain(size: number, elements = ELEMENTS): readonly HostilePage[] {
  const chains = (open: string, depth: number) => {
    const tags = open.match(/(?<=<)\w+/g) ?? [];
    const close = tags.map((tag) => `</${tag}>`).join('');
    const chain = `${open.repeat(depth)}text, of eight words that are nearly prose${close.repeat(depth)}`;
    return chain.repeat(Math.floor(Math.min(elements / depth / tags.length, size / chain.length)));
  };
  const many = (unit: string, each: number) =>
    unit.repeat(Math.floor(Math.min(elements / each, size / unit.length)));
  return [
    ['divs in chains', chains('<div>', 100)],
    ['spans in chains', chains('<span>', 100)],
    ['asides in chains', chains('<div class=comment>', 40)],
    ['asides of two names in chains', chains('<div class=ads><div class=menu>', 50)],
    ['headlines in chains', chains('<h1>', 100)],
    ['tables in chains', chains('<table><td>', 50)],
    ['links in chains', chains('<a href=x>', 100)],
    ['mains in chains', chains('<main>', 100)],
    ['one paragraph after the other', many('<p>text, that is made of as many words as prose needs', 1)],
    ['one line break after the other', many('<br>a', 1)],
    ['one headline after the other', many('<h1>a</h1>', 1)],
    ['one table after the other', many('<table><td>a</table>', 2)],
    ['one form after the other', many('<form><p>a</form>', 2)],
    ['one box of links after the other', many('<div><p><a href=x>a link of some words</a></div>', 3)],
    [
      'a class of the whole size',
      `<p>a${many('<p>a', 1).slice(0, 1000)}<div class="${'ad-x '.repeat(size / 6)}">a</div>`,
    ],
    [
      'an id of the whole size',
      `<p>a${many('<p>a', 1).slice(0, 20_000)}<div id="${'aA-'.repeat(size / 4)}">a</div>`,
    ],
    ['classes of 400 letters', many(`<p class="${'promoo'.repeat(65)}">a`, 1)],
    ['roles of blanks', `${many('<p>a', 1).slice(0, 20_000)}<div role="${' '.repeat(size / 2)}x">a</div>`],
    ['one text of the whole size', `${many('<p>a', 1).slice(0, 20_000)}${'word, '.repeat(size / 8)}`],
    ['blanks of the whole size', `${many('<p>a', 1).slice(0, 20_000)}a${' '.repeat(size / 2)}a`],
  ];
}
