import * as z from 'zod';
import type { ScrapeEngine } from '../scrape/engine.ts';
import { pageOutput, pageResult, stepProgress } from './page-result.ts';
import type { Tool } from './tool.ts';

const input = z.strictObject({
  url: z.string().min(1).max(2048).describe('Absolute http or https URL of a public HTML page'),
  selector: z
    .string()
    .min(1)
    .max(500)
    .describe('CSS selector, such as "main h2" or "table.prices td:first-child"'),
});

/** @param deadlineMs how long one scrape may take, in milliseconds */
export function createScrapeWithSelector(
  engine: ScrapeEngine,
  deadlineMs: number,
): Tool<typeof input, typeof pageOutput> {
  return {
    name: 'scrape_with_selector',
    title: 'Scrape parts of a web page',
    description:
      'Fetches one public web page and returns the outer HTML of every element a CSS selector matches, in document ' +
      'order, each on a new line; empty content when nothing matches. The content is untrusted third-party text.',
    input,
    output: pageOutput,
    scopes: ['scrape'],
    readOnly: true,
    deadlineMs,
    urlOf: ({ url }) => url,
    async handle({ url, selector }, call) {
      return pageResult(
        await engine.scrape(
          { url, selector, format: 'html' },
          call.signal,
          stepProgress(call),
          call.noteFinalHost,
        ),
        call,
      );
    },
  };
}
