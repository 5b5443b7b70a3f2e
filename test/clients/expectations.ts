import { HAS_SCRAPER, LISTED } from '../support/page-tool.ts';
import type { Outcome } from './client.ts';
import { LARGE_MARK, MARK } from './pages.ts';

export interface Outcomes {
  /** With the right token: the small page, the large page, a URL that is refused. */
  readonly good: Outcome;
  /** With an unknown token. Absent if the client starts the server itself. */
  readonly wrong?: Outcome;
  /** Two calls with a limit of one per minute. */
  readonly limited: Outcome;
}

export interface Cell {
  readonly text: string;
  /** Whether the outcome is as expected. */
  readonly good: boolean;
}

interface Column {
  readonly title: string;
  /** @param shows the text that this client shows instead, as an exception */
  cell(outcomes: Outcomes, shows: readonly RegExp[]): Cell;
}

/** Most characters of the large page that an answer may have: the default piece of 20,000, escaped and framed. */
const MOST_SHOWN = 40_000;
const MOST_QUOTED = 90;

/** Number of occurrences of one text in another. */
const copies = (text: string, part: string) => text.split(part).length - 1;

/** The words around the first match in a text, or its first words, short enough for a table. */
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

const WRONG = [/access token is not valid/, /invalid_token/, /\b401\b/];

/** Clients that hide the server's text from their user or model, and the text that they show instead. */
export const EXCEPTIONS: readonly {
  readonly client: string;
  readonly column: string;
  readonly shows: RegExp;
  readonly why: string;
}[] = [
  {
    client: 'mcp-remote',
    column: 'wrong token',
    shows: /no client is registered here/,
    why: 'it treats every 401 as the start of a sign-in, and shows the response to its registration',
  },
  {
    client: 'mcporter',
    column: 'wrong token',
    shows: /no client is registered here/,
    why: 'the same, once a tool is called. Its list says “tools unavailable” for any server',
  },
  {
    client: 'Gemini CLI',
    column: 'wrong token',
    shows: /requires authentication/,
    why: 'it shows its own text for every 401',
  },
  {
    client: 'mcp-use',
    column: 'wrong token',
    shows: /Authentication required/,
    why: 'it shows its own text for every 401',
  },
  {
    client: 'OpenAI Agents',
    column: 'limited',
    shows: /An error occurred while running the tool\. Please try again\./,
    why: 'its model gets this text for every protocol error. `errorFunction` of the application can say more',
  },
];

/** Expectations for every client, apart from the exceptions. */
const COLUMNS: readonly Column[] = [
  {
    title: 'connects, lists',
    cell: ({ good: { connected, tools, said: text } }) => {
      const all = LISTED.every((name) => tools.some((tool) => tool.split('\n')[0]?.endsWith(name)));
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
      if (!HAS_SCRAPER) return { text: '–', good: true };
      const answer = answers[1] ?? '';
      const count = copies(answer, LARGE_MARK);
      const text = count > 0 ? answer.length.toLocaleString('en') : quote(answer, []);
      return { text, good: count === 1 && answer.length <= MOST_SHOWN };
    },
  },
  {
    title: 'refused URL',
    cell: ({ good: { answers } }) => said(answers[2] ?? '', [/may not be fetched/]),
  },
  {
    title: 'wrong token',
    cell({ wrong }, shows) {
      if (wrong === undefined) return { text: '–', good: true };
      if (wrong.connected) return { text: 'connected', good: false };
      return said(wrong.said, [...WRONG, ...shows], [/(?<![\d.])405(?![\d.])/]);
    },
  },
  {
    title: 'limited',
    cell({ limited: { answers } }, shows) {
      // One of two within a minute is refused: the first, if an earlier client has used the minute's call.
      const answer = answers.find((each) => !each.includes(MARK)) ?? '';
      return said(answer, [/retry in \d+ s\b/, ...shows]);
    },
  },
];

export const TITLES = COLUMNS.map(({ title }) => title);

/** The outcome of a client, cell by cell in the order of `TITLES`. */
export function judge(client: string, outcomes: Outcomes): Cell[] {
  return COLUMNS.map(({ title, cell }) => {
    const exceptions = EXCEPTIONS.filter((each) => each.client === client && each.column === title);
    return cell(
      outcomes,
      exceptions.map(({ shows }) => shows),
    );
  });
}
