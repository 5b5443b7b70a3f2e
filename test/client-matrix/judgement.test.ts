import { describe, expect, test } from '@jest/globals';
import type { Outcome } from '../clients/client.ts';
import { EXCEPTIONS, judge, type Outcomes, TITLES } from '../clients/expectations.ts';
import { markdownTable, problems } from '../clients/matrix.ts';
import { LARGE_MARK, MARK } from '../clients/pages.ts';
import { HAS_SCRAPER, LISTED } from '../support/page-tool.ts';

const tools = LISTED.map((name) => `x_${name}`);
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

/** Titles of the cells with a problem. */
const badOf = (outcomes: Outcomes, client = 'any') =>
  judge(client, outcomes).flatMap(({ good }, index) => (good ? [] : [TITLES[index]]));

describe('the outcome of a client', () => {
  test('is good when it shows the server’s responses', () => {
    expect(badOf(GOOD)).toEqual([]);
  });

  test.each<[string, string, Outcomes]>([
    [
      'it lists one tool of two',
      'connects, lists',
      { ...GOOD, good: { ...GOOD.good, tools: tools.slice(1) } },
    ],
    ['the page appears twice', 'page in the answer', withAnswers(page + page, large, refused)],
    ['the page is missing', 'page in the answer', withAnswers('', large, refused)],
    ...(HAS_SCRAPER
      ? ([
          [
            'the large page arrives complete',
            '1 MiB page: characters shown',
            withAnswers(page, large.padEnd(1e6), refused),
          ],
          [
            'the large page is an error',
            '1 MiB page: characters shown',
            withAnswers(page, 'too long', refused),
          ],
        ] satisfies [string, string, Outcomes][])
      : []),
    ['a refusal has no text', 'refused URL', withAnswers(page, large, 'failed')],
    [
      'a wrong token gets 405',
      'wrong token',
      { ...GOOD, wrong: { ...none, said: 'SSE error: 405, not 401' } },
    ],
    [
      'a wrong token causes an unspecific failure',
      'wrong token',
      { ...GOOD, wrong: { ...none, said: 'Disconnected' } },
    ],
    ['a wrong token is accepted', 'wrong token', { ...GOOD, wrong: GOOD.good }],
    [
      'a limit has no seconds',
      'limited',
      { ...GOOD, limited: { ...GOOD.limited, answers: ['Retry-After'] } },
    ],
  ])('is bad when %s', (_why, title, outcomes) => {
    expect(badOf(outcomes)).toEqual([title]);
  });

  test('allows an exception only for the named client and only for its exact text', () => {
    const said = "MCP server 'hardened' requires authentication";
    const outcomes = { ...GOOD, wrong: { ...none, said } };
    expect(badOf(outcomes, 'Gemini CLI')).toEqual([]);
    expect(badOf(outcomes, 'opencode')).toEqual(['wrong token']);
    expect(badOf({ ...GOOD, wrong: { ...none, said: 'Disconnected' } }, 'Gemini CLI')).toEqual([
      'wrong token',
    ]);
  });

  test('has exceptions only for existing columns', () => {
    for (const { column } of EXCEPTIONS) expect(TITLES).toContain(column);
  });
});

describe('the matrix', () => {
  const cells = [
    { text: 'yes', good: true },
    { text: 'a | b\n*c*', good: false },
  ];
  const rows = [{ name: 'Some client', version: '1.2.3', cells }];

  test('is a table that no client text can break, with problems in bold', () => {
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
