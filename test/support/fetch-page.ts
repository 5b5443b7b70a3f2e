import * as z from 'zod';
import { ServiceError } from '../../service/errors.ts';
import { quoted } from '../../service/logging/json-line.ts';
import { type Fetched, type FetchOptions, guardedFetch } from '../../service/outgoing/guarded-fetch.ts';
import type { ConnectOptions } from '../../service/outgoing/open.ts';
import { createUrlGuard, type UrlGuardOptions } from '../../service/outgoing/url-guard.ts';
import { defineTool } from '../../service/tools/definition.ts';
import type { Tool, UnnamedTool } from '../../service/tools/tool.ts';

export interface FetchPageOptions extends UrlGuardOptions, ConnectOptions {
  /** Largest page in bytes; the rest is cut off. */
  readonly maxBytes: number;
  /** Deadline of a call in milliseconds. @default 15000 */
  readonly timeoutMs?: number;
}

const input = z.strictObject({ url: z.string().min(1).max(2048).describe('URL of a page') });

/** The request of a tool that reads pages of hosts which a stage allows: texts only, through the guard. */
export function fetchText(
  url: string,
  options: Omit<FetchOptions, 'checkType'>,
  signal: AbortSignal,
): Promise<Fetched> {
  const checkType = (contentType: string) => {
    const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
    if (type.startsWith('text/')) return;
    const reason = `media type ${type === '' ? 'missing' : quoted(type)}`;
    throw new ServiceError('content_unsupported', { reason });
  };
  const headers = { 'user-agent': 'hardened-mcp/tests', accept: 'text/*' };
  return guardedFetch(url, { headers }, { ...options, checkType }, signal);
}

function fetchPage(options: FetchPageOptions): UnnamedTool<typeof input> {
  const guard = createUrlGuard(options);
  return {
    title: 'Fetch a page',
    description: 'Fetches one page as it is, for tests.',
    input,
    scopes: ['scrape'],
    readOnly: true,
    deadlineMs: options.timeoutMs ?? 15_000,
    urlOf: ({ url }) => url,
    async handle({ url }, { signal, progress, noteFinalHost }) {
      let steps = 0;
      const onStep = (step: string) => {
        steps += 1;
        progress(steps, undefined, step);
      };
      const { bytes } = await fetchText(url, { ...options, guard, onStep, onHost: noteFinalHost }, signal);
      return { text: Buffer.from(bytes).toString('utf8') };
    },
  };
}

/** A tool over the guard, for the pipeline of a test. Clients need the scope `scrape`. */
export function createFetchPage(options: FetchPageOptions): Tool {
  return { ...fetchPage(options), name: 'fetch_page' } as unknown as Tool;
}

/** The same as a fork would write it: it reads the hosts that a stage allows for pages. */
export const fetchPageTool = defineTool({
  name: 'fetch_page',
  needs: { scrape: true },
  create: ({ scrape }) => fetchPage(scrape) as unknown as UnnamedTool,
});
