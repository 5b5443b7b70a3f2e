import { describe, expect, test } from '@jest/globals';
import { type AnyNode, hasChildren, isTag, isText } from 'domhandler';
import { mainContent } from '../../../service/scrape/page/main-content.ts';
import { toPage } from '../../../service/scrape/page/page.ts';
import { parse } from '../../../service/scrape/page/parse.ts';
import { walk } from '../../../service/scrape/page/walk.ts';
import { createTurns, type Turn } from '../../../service/turns.ts';
import { hostileToMain } from './support/hostile-main.ts';
import { createMeasuredTurns } from './support/measured-turns.ts';
import { PAGE_KINDS } from './support/page-kinds.ts';
import { FOOTER, prose } from './support/page-pieces.ts';

const MIB = 1024 * 1024;

/** Milliseconds of CPU, the least of three runs. */
const MAX_STRETCH_MS = 50;
/** Four times the slowest measured. */
const MAX_MS = 1500;

const turns = createTurns();
const begin = () => turns.begin(new AbortController().signal);

async function text(html: string, content: 'main' | 'page'): Promise<string> {
  const fetched = {
    url: new URL('https://public.org/page'),
    status: 200,
    contentType: 'text/html; charset=utf-8',
    bytes: Buffer.from(html),
    truncated: false,
  };
  return (await toPage(fetched, { format: 'text', content }, MIB, begin())).content;
}

describe('the main content of', () => {
  test.each(PAGE_KINDS)('$name', async ({ html, kept, left, isWhole = false }) => {
    const found = await text(html, 'main');
    expect(kept.filter((word) => !found.includes(word))).toEqual([]);
    expect(left.filter((word) => found.includes(word))).toEqual([]);
    const { document } = await parse(html, begin());
    expect((await mainContent(document, begin())) === undefined).toBe(isWhole);
  });
});

describe('invisible text', () => {
  test('does not make an element the main content', async () => {
    const found = await text(`<div hidden>${prose(40)}</div><div><p>${prose(3, 50)}</div>${FOOTER}`, 'main');
    expect(found).not.toContain('Paragraph1 ');
    expect(found).toContain('Paragraph52');
    expect(found).not.toContain('FooterNote');
  });

  // The main content is rendered from its own element on, which still inherits from its ancestors.
  test.each([
    ['a background', 'background: #fff', 'color: #fff'],
    ['a colour', 'color: #fff', 'background: #fff'],
    ['a size of letters', 'font-size: 1px', ''],
    ['no visibility', 'visibility: hidden', ''],
  ])('is left out when %s of the main content’s ancestors hides it', async (_name, around, own) => {
    const seen = 'color: #000; font-size: 16px; visibility: visible';
    const main = `<main><div style="${seen}">${prose(5)}</div><p style="${own}">Unseen</p></main>`;
    const labels = `<div style="${seen}">${'<div>OtherLabel</div>'.repeat(60)}</div>`;
    const found = await text(`<div style="${around}">${main}${labels}</div>`, 'main');
    expect(found).toContain('Paragraph5');
    expect(found).not.toMatch(/OtherLabel|Unseen/);
  });
});

test('the tree is unchanged afterwards, so that the whole page can still be rendered', async () => {
  for (const { html } of PAGE_KINDS) {
    const { document } = await parse(html, begin());
    const before = linksOf(document);
    await mainContent(document, begin());
    expect(linksOf(document)).toEqual(before);
  }
});

test('names that pages choose never match built-in object members', async () => {
  const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty'];
  const html = names.map(
    (name) => `<${name} class="${name}" id="${name}" role="${name}">${prose(2)}</${name}>`,
  );
  expect(await text(html.join(''), 'main')).toBe(await text(html.join(''), 'page'));
});

describe('a hostile page', () => {
  test.each(hostileToMain(MIB))(
    'of %s is processed in short stretches, in bounded time, and checks its turn in proportion to its size',
    async (_name, html) => {
      const { document } = await parse(html, begin());
      let [longest, all] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      for (let run = 0; run < 3 && (longest >= MAX_STRETCH_MS || all >= MAX_MS); run += 1) {
        const measured = createMeasuredTurns();
        const begun = process.cpuUsage();
        await mainContent(document, measured.begin(new AbortController().signal));
        longest = Math.min(longest, measured.longest());
        all = Math.min(all, process.cpuUsage(begun).user / 1000);
      }
      expect(longest).toBeLessThan(MAX_STRETCH_MS);
      expect(all).toBeLessThan(MAX_MS);
      const { asked, nodes, characters } = await count(document);
      expect(asked).toBeLessThan(10 * nodes + characters / 1024);
    },
  );

  // Turns are as short in a page of a tenth of the size, and have the same places in which to begin.
  test.each(hostileToMain(MIB / 10, 4000))(
    'of %s ends at any turn at which its signal aborts',
    async (_name, html) => {
      const { document } = await parse(html, begin());
      const last = await countTurns(document);
      expect(last).toBeGreaterThan(4);
      for (const at of [1, 2, 3, Math.ceil(last / 4), Math.ceil(last / 2), Math.ceil((3 * last) / 4), last]) {
        const controller = new AbortController();
        const turn = everyFiftieth(turns.begin(controller.signal), (count) => {
          if (count === at) controller.abort(new Error('the deadline'));
          if (count > at) throw new Error('it went on');
        });
        await expect(mainContent(document, turn)).rejects.toThrow('the deadline');
      }
    },
  );

  test('checks its turn at each element, in each of six passes', async () => {
    const { asked, askedByWalk } = await count((await parse('<p>a'.repeat(10_000), begin())).document);
    expect(asked - askedByWalk).toBeGreaterThanOrEqual(60_000);
  });
});

/** How often a page checks whether its turn is over, and its size. */
async function count(document: Parameters<typeof mainContent>[0]) {
  let asked = 0;
  const turn: Turn = {
    get isOver() {
      asked += 1;
      return false;
    },
    next: () => Promise.resolve(),
  };
  await walk(document.children, {}, new Set(), turn, { text() {} });
  const askedByWalk = asked;
  asked = 0;
  await mainContent(document, turn);
  const all = nodesOf(document);
  const characters = all.reduce((sum, node) => sum + (isText(node) ? node.data.length : 0), 0);
  return { asked, askedByWalk, nodes: all.length, characters };
}

/** A turn that is over at every fiftieth check, independently of the clock. */
function everyFiftieth(turn: Turn, onNext: (count: number) => void): Turn {
  let asked = 0;
  let count = 0;
  return {
    get isOver() {
      asked += 1;
      return asked % 50 === 0;
    },
    next() {
      count += 1;
      onNext(count);
      return turn.next();
    },
  };
}

async function countTurns(document: Parameters<typeof mainContent>[0]): Promise<number> {
  let turnsTaken = 0;
  await mainContent(
    document,
    everyFiftieth(begin(), (count) => {
      turnsTaken = count;
    }),
  );
  return turnsTaken;
}

function nodesOf(node: AnyNode, into: AnyNode[] = []): AnyNode[] {
  into.push(node);
  if (hasChildren(node)) for (const child of node.children) nodesOf(child, into);
  return into;
}

/** All nodes in order, each with its data and the numbers of its related nodes. */
function linksOf(document: AnyNode): unknown[] {
  const nodes = nodesOf(document);
  const numbers = new Map(nodes.map((node, index) => [node, index]));
  const number = (node: AnyNode | null) => (node === null ? -1 : numbers.get(node));
  return nodes.map((node) => [
    isTag(node) ? [node.name, { ...node.attribs }] : isText(node) ? node.data : '',
    [node.parent, node.prev, node.next].map(number),
    hasChildren(node) ? node.children.map(number) : [],
    Object.keys(node).sort(),
  ]);
}
