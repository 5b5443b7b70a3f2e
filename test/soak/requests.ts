import type { Agent } from 'node:https';
import { postToBundle } from '../service/support/deployed-bundle.ts';
import { callOf, modern } from '../service/support/start-app.ts';
import { HAS_SCRAPER, PAGE_TOOL } from '../support/page-tool.ts';
import { BALANCED, hangUpInBody, hangUpInCall } from './hang-up.ts';
import type { Pages } from './pages.ts';

/** The values for one request. */
export interface Turn {
  readonly port: number;
  readonly agent: Agent;
  readonly token: string;
  /** A revoked token, once there is one. */
  readonly retired: string | undefined;
  readonly pages: Pages;
  /** Differs for every request. */
  readonly number: number;
}

/** The result. */
export interface Seen {
  readonly status: number | string;
  /** Absent if no client was left to read it. */
  readonly requestId?: string;
  readonly text?: string;
}

export interface Kind {
  readonly what: string;
  /** Relative frequency. */
  readonly weight: number;
  readonly status: number | string;
  /** Outcome and error code of its audit record. */
  readonly audit: string;
  /** Required text of the response. */
  says?(number: number): RegExp;
  /** @returns undefined if it cannot be sent yet */
  send(turn: Turn): Promise<Seen | undefined>;
}

interface Message {
  readonly body: object;
  readonly headers?: Record<string, string>;
}

async function post(turn: Turn, { body, headers = {} }: Message, token = turn.token): Promise<Seen> {
  const all = { ...BALANCED, ...headers };
  const answer = await postToBundle(turn.port, token, body, all, turn.agent);
  return { ...answer, requestId: String(answer.headers['x-request-id']) };
}

const legacy = (method: string, params?: object): Message => ({
  body: { jsonrpc: '2.0', id: 1, method, params },
});
const list = () => modern('tools/list');
const isolated = { selector: 'main' };
const pageOf = (sort: string, number: number) => `http://page.example.com/${sort}/${number}`;
const call = (era: '2026-07-28' | '2025-11-25', name: string, input: object): Message =>
  era === '2026-07-28' ? modern('tools/call', { name, arguments: input }) : { body: callOf(name, input) };

/** A page whose number is in the response, which shows a mix-up of responses. */
function page(weight: number, era: Parameters<typeof call>[0], sort: string, more = {}, also = ''): Kind {
  const name = 'selector' in more ? 'scrape_with_selector' : PAGE_TOOL;
  return {
    what: `${name} of a ${sort} page, ${era}`,
    ...{ weight, status: 200, audit: 'ok' },
    // The lines about a page are before its text.
    says: (number) => new RegExp(`${also}.*page ${number} here`),
    send: (turn) => post(turn, call(era, name, { url: pageOf(sort, turn.number), ...more })),
  };
}

function answered(
  what: string,
  [audit, says]: [string, string],
  weight: number,
  make: (turn: Turn) => Message,
): Kind {
  return {
    what,
    weight,
    status: 200,
    audit,
    says: () => new RegExp(says),
    send: (turn) => post(turn, make(turn)),
  };
}

function refused(what: string, status: number, audit: string, make: (turn: Turn) => Message): Kind {
  return { what, weight: 1, status, audit, send: (turn) => post(turn, make(turn)) };
}

function hangingUp(era: Parameters<typeof call>[0]): Kind {
  return {
    what: `client disconnects in a call, ${era}`,
    ...{ weight: 1, status: 'gone', audit: 'tool_error cancelled' },
    async send(turn) {
      const { body, headers = {} } = call(era, PAGE_TOOL, { url: pageOf('never', turn.number) });
      return { status: await hangUpInCall(turn, body, headers, turn.pages.expect(turn.number)) };
    },
  };
}

const LISTED: [string, string] = ['ok', `"${PAGE_TOOL}"`];
const METADATA = { url: 'http://169.254.169.254/latest/meta-data/' };
const NOT_HERE: [string, string] = ['denied url_refused', 'may not be fetched from here'];
const LIED: [string, string] = ['tool_error upstream_failed', 'could not be fetched'];

/** Pages in the forms that only the scraper has. */
const OF_SCRAPER: readonly Kind[] = [
  page(3, '2026-07-28', 'plain', isolated),
  page(2, '2025-11-25', 'gzip', { format: 'text' }),
  page(1, '2025-11-25', 'large', { format: 'text' }, 'Truncated: true'),
];

export const KINDS: readonly Kind[] = [
  answered('tools/list, 2026-07-28', LISTED, 4, list),
  answered('tools/list, 2025-11-25', LISTED, 4, () => legacy('tools/list')),
  page(6, '2026-07-28', 'plain'),
  page(6, '2025-11-25', 'plain'),
  page(2, '2026-07-28', 'moved'),
  ...(HAS_SCRAPER ? OF_SCRAPER : [page(2, '2025-11-25', 'gzip'), page(1, '2025-11-25', 'large')]),
  answered('a page that ends before its length, 2026-07-28', LIED, 1, ({ number }) =>
    call('2026-07-28', PAGE_TOOL, { url: pageOf('lies', number) }),
  ),
  answered('a page that ends before its length, 2025-11-25', LIED, 1, ({ number }) =>
    call('2025-11-25', PAGE_TOOL, { url: pageOf('lies', number) }),
  ),
  hangingUp('2026-07-28'),
  hangingUp('2025-11-25'),
  {
    what: 'client disconnects in its body',
    ...{ weight: 1, status: 'gone', audit: 'invalid body_not_read' },
    send: async (turn) => ({ status: await hangUpInBody(turn, legacy('tools/list').body) }),
  },
  answered('forbidden URL, 2026-07-28', NOT_HERE, 1, () => call('2026-07-28', PAGE_TOOL, METADATA)),
  answered('forbidden URL, 2025-11-25', NOT_HERE, 1, () => call('2025-11-25', PAGE_TOOL, METADATA)),
  answered('bad arguments', ['invalid input_invalid', 'do not fit the tool'], 1, () =>
    call('2026-07-28', PAGE_TOOL, { url: 5 }),
  ),
  answered('no such tool', ['invalid tool_unknown', '-32602'], 1, () => ({ body: callOf('nothing') })),
  refused('no such method, 2026-07-28', 404, 'invalid method_unknown', () => modern('resources/list')),
  refused('contradicting headers', 400, 'invalid header_mismatch', () => {
    const { body, headers } = list();
    return { body, headers: { ...headers, 'mcp-method': 'tools/call' } };
  }),
  refused('no token', 401, 'invalid token_missing', () => ({ ...list(), headers: { authorization: '' } })),
  refused('foreign host', 403, 'denied host_not_allowed', () => ({
    ...list(),
    headers: { host: 'evil.example' },
  })),
  refused('body too large', 413, 'invalid body_too_large', () => ({
    body: { padding: 'x'.repeat(400_000) },
  })),
  {
    what: 'unknown token',
    ...{ weight: 1, status: 401, audit: 'denied token_invalid' },
    send: (turn) => post(turn, list(), `${turn.number}`.padEnd(43, 'x')),
  },
  {
    what: 'revoked token',
    ...{ weight: 1, status: 401, audit: 'denied token_invalid' },
    send: async (turn) => turn.retired && (await post(turn, list(), turn.retired)),
  } as Kind,
];
