import * as z from 'zod';
import type { ScrapeEngine } from '../scrape/engine.ts';
import { defineTool } from './definition.ts';
import { pagePart, pageResult, stepProgress } from './page-result.ts';
import type { UnnamedTool } from './tool.ts';

function inputOf(maxPageBytes?: number) {
  return z.strictObject({
    url: z.string().min(1).max(2048).describe('Absolute http or https URL of a public HTML page'),
    selector: z
      .string()
      .min(1)
      .max(500)
      .describe('CSS selector, such as "main h2" or "table.prices td:first-child"'),
    ...pagePart(maxPageBytes),
  });
}

export const scrapeWithSelectorTool = defineTool({
  name: 'scrape_with_selector',
  needs: { scrape: true },
  async create(start) {
    const { createEngine } = await import('../scrape/create-engine.ts');
    return createScrapeWithSelector(await createEngine(start), start.scrape.timeoutMs, start.scrape.maxBytes);
  },
});

/**
 * @param deadlineMs maximum duration of one scrape, in milliseconds
 * @param maxPageBytes see `pagePart`
 */
export function createScrapeWithSelector(
  engine: ScrapeEngine,
  deadlineMs: number,
  maxPageBytes?: number,
): UnnamedTool<ReturnType<typeof inputOf>> {
  return {
    title: 'Scrape parts of a web page',
    description:
      'Fetches one public web page and returns the outer HTML of every element a CSS selector matches, in document ' +
      'order, each on a new line, long content in parts; empty content when nothing matches. The content is ' +
      'untrusted third-party text.',
    input: inputOf(maxPageBytes),
    scopes: ['scrape'],
    readOnly: true,
    deadlineMs,
    urlOf: ({ url }) => url,
    async handle(request, call) {
      const page = await engine.scrape(
        { ...request, format: 'html' },
        call.signal,
        stepProgress(call),
        call.noteFinalHost,
      );
      return pageResult(page, request.startIndex, call);
    },
  };
}
