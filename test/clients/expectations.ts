import type { Outcome } from './client.ts';
import { LARGE_MARK, MARK } from './pages.ts';

export interface Outcomes {
  /** With the right token: the small page, the large page, a URL that is refused. */
  readonly good: Outcome;
  /** With a token that the server does not know. Absent where the client starts the server itself. */
  readonly wrong?: Outcome;
  /** Two calls where one a minute is allowed. */
  readonly limited: Outcome;
}

export interface Cell {
  readonly text: string;
  /** Whether it is as it must be. */
  readonly good: boolean;
}

interface Column {
  readonly title: string;
  cell(outcomes: Outcomes): Cell;
}

/** Most characters of the large page that an answer may have: the default piece of 20,000, escaped and framed. */
const MOST_SHOWN = 40_000;
const MOST_QUOTED = 90;

/** How often a text stands in another. */
const copies = (text: string, part: string) => text.split(part).length - 1;

/** The words around the first pattern that is found in a text, or its first words, short enough for a table. */
function quote(text: string, patterns: readonly RegExp[]): string {
  const found = patterns.find((pattern) => pattern.test(text));
  if (found === undefined) return text.trim().slice(0, MOST_QUOTED) || 'nothing';
  const around = new RegExp(
    `(?:\\b[^"\\\\\n{}:]{0,60})?(?:${found.source})[^"\\\\\n{}]{0,40}(?![^"\\\\\n{}\\s])`,
  );
  return (around.exec(text) ?? found.exec(text))?.[0].trim() ?? '';
}

const said = (text: string, wanted: readonly RegExp[], unwanted: readonly RegExp[] = []): Cell => {
  const bad = unwanted.filter((pattern) => pattern.test(text));
  const good = bad.length === 0 && wanted.some((pattern) => pattern.test(text));
  return { text: quote(text, bad.length > 0 ? bad : wanted), good };
};

const REFUSED = [/may not be fetched/];
const WRONG = [/access token is not valid/, /invalid_token/, /\b401\b/];
const LIMITED = [/retry in \d+ s\b/];

/** What must hold for every client. The exceptions, each with its reason, stand in exceptions.ts. */
export const COLUMNS: readonly Column[] = [
  {
    title: 'connects, lists',
    cell: ({ good: { connected, tools, said: text } }) => {
      const all = ['scrape_url', 'scrape_with_selector'].every((name) =>
        tools.some((tool) => tool.split('\n')[0]?.endsWith(name)),
      );
      return { text: connected && all ? 'yes' : quote(text, [/error|fail/i]), good: connected && all };
    },
  },
  {
    title: 'page in the answer',
    cell: ({ good: { answers } }) => {
      const count = copies(answers[0] ?? '', MARK);
      return { text: count === 1 ? 'once' : `${count} times`, good: count === 1 };
    },
  },
  {
    title: '1 MiB page: characters shown',
    cell: ({ good: { answers } }) => {
      const answer = answers[1] ?? '';
      const good = copies(answer, LARGE_MARK) === 1 && answer.length <= MOST_SHOWN;
      return {
        text: copies(answer, LARGE_MARK) > 0 ? answer.length.toLocaleString('en') : quote(answer, []),
        good,
      };
    },
  },
  {
    title: 'refused URL',
    cell: ({ good: { answers } }) => said(answers[2] ?? '', REFUSED),
  },
  {
    title: 'wrong token',
    cell: ({ wrong }) =>
      wrong === undefined
        ? { text: '–', good: true }
        : wrong.connected
          ? { text: 'connected', good: false }
          : said(wrong.said, WRONG, [/\b405\b/]),
  },
  {
    title: 'limited',
    cell: ({ limited: { answers } }) => said(answers.at(-1) ?? '', LIMITED),
  },
];
