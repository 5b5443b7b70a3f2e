import { describe, expect, test } from '@jest/globals';
import type { Outcome } from '../clients/client.ts';
import { EXCEPTIONS, judge, type Outcomes, TITLES } from '../clients/expectations.ts';
import { markdownTable, problems } from '../clients/matrix.ts';
import { LARGE_MARK, MARK } from '../clients/pages.ts';

const tools = ['x_scrape_url', 'x_scrape_with_selector'];
const none: Outcome = { connected: false, tools: [], answers: [], said: '' };
const GOOD: Required<Outcomes> = {
  good: {
    connected: true,
    tools,
    answers: [MARK, LARGE_MARK, 'This URL may not be fetched from here'],
    said: '',
  },
  wrong: { ...none, said: 'HTTP 401: The access token is not valid; get a new one' },
  limited: {
    connected: true,
    tools,
    answers: [MARK, 'Too many calls of this tool; retry in 42 s'],
    said: '',
  },
};
const withAnswers = (...answers: string[]): Outcomes => ({ ...GOOD, good: { ...GOOD.good, answers } });
const [page, large, refused] = GOOD.good.answers as [string, string, string];

/** Titles of the cells that are not as they must be. */
const badOf = (outcomes: Outcomes, client = 'any') =>
  judge(client, outcomes).flatMap(({ good }, index) => (good ? [] : [TITLES[index]]));

describe('what came of a client', () => {
  test('is as it must be where it shows what the server said', () => {
    expect(badOf(GOOD)).toEqual([]);
  });

  test.each<[string, string, Outcomes]>([
    [
      'it lists one tool of two',
      'connects, lists',
      { ...GOOD, good: { ...GOOD.good, tools: tools.slice(1) } },
    ],
    ['the page stands twice', 'page in the answer', withAnswers(page + page, large, refused)],
    ['the page is missing', 'page in the answer', withAnswers('', large, refused)],
    [
      'the large page comes whole',
      '1 MiB page: characters shown',
      withAnswers(page, large.padEnd(1e6), refused),
    ],
    ['the large page is an error', '1 MiB page: characters shown', withAnswers(page, 'too long', refused)],
    ['a refusal has no text', 'refused URL', withAnswers(page, large, 'failed')],
    ['a wrong token is 405', 'wrong token', { ...GOOD, wrong: { ...none, said: 'SSE error: 405, not 401' } }],
    ['a wrong token is a mere failure', 'wrong token', { ...GOOD, wrong: { ...none, said: 'Disconnected' } }],
    ['a wrong token lets in', 'wrong token', { ...GOOD, wrong: GOOD.good }],
    [
      'a limit has no seconds',
      'limited',
      { ...GOOD, limited: { ...GOOD.limited, answers: ['Retry-After'] } },
    ],
  ])('is not where %s', (_why, title, outcomes) => {
    expect(badOf(outcomes)).toEqual([title]);
  });

  test('excuses a client only where an exception names it, and only for those words', () => {
    const said = "MCP server 'hardened' requires authentication";
    const outcomes = { ...GOOD, wrong: { ...none, said } };
    expect(badOf(outcomes, 'Gemini CLI')).toEqual([]);
    expect(badOf(outcomes, 'opencode')).toEqual(['wrong token']);
    expect(badOf({ ...GOOD, wrong: { ...none, said: 'Disconnected' } }, 'Gemini CLI')).toEqual([
      'wrong token',
    ]);
  });

  test('has exceptions of columns that exist', () => {
    for (const { column } of EXCEPTIONS) expect(TITLES).toContain(column);
  });
});

describe('the matrix', () => {
  const cells = [
    { text: 'yes', good: true },
    { text: 'a | b\n*c*', good: false },
  ];
  const rows = [{ name: 'Some client', version: '1.2.3', cells }];

  test('is a table that a text of a client cannot break, with what is wrong in bold', () => {
    expect(markdownTable(['one', 'two'], rows).split('\n')).toEqual([
      '| client | one | two |',
      '|---|---|---|',
      '| Some client 1.2.3 | yes | **a \\| b \\*c\\*** |',
    ]);
  });

  test('names each problem by client, column and text', () => {
    expect(problems(['one', 'two'], rows)).toEqual(['Some client 1.2.3: two: "a | b\\n*c*"']);
  });
});
