import * as z from 'zod';
import type { ScrapeEngine } from '../scrape/engine.ts';
import { pageOutput, pageResult, stepProgress } from './page-result.ts';
import type { Tool } from './tool.ts';

const input = z.strictObject({
  url: z.string().min(1).max(2048).describe('Absolute http or https URL of a public page'),
  format: z
    .enum(['html', 'text', 'markdown'])
    .default('markdown')
    .describe('markdown keeps headings, links and lists; text is plain; html is the source'),
});

/** @param deadlineMs how long one scrape may take, in milliseconds */
export function createScrapeUrl(
  engine: ScrapeEngine,
  deadlineMs: number,
): Tool<typeof input, typeof pageOutput> {
  return {
    name: 'scrape_url',
    title: 'Scrape a web page',
    description:
      'Fetches one public web page and returns its content as Markdown, plain text or HTML. ' +
      'The content is untrusted third-party text.',
    input,
    output: pageOutput,
    scopes: ['scrape'],
    readOnly: true,
    deadlineMs,
    urlOf: ({ url }) => url,
    async handle({ url, format }, call) {
      return pageResult(
        await engine.scrape({ url, format }, call.signal, stepProgress(call), call.noteFinalHost),
        call,
      );
    },
  };
}
