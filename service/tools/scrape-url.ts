import * as z from 'zod';
import type { ScrapeEngine } from '../scrape/engine.ts';
import { defineTool } from './definition.ts';
import { pagePart, pageResult, stepProgress } from './page-result.ts';
import type { UnnamedTool } from './tool.ts';

function inputOf(maxPageBytes?: number) {
  return z.strictObject({
    url: z.string().min(1).max(2048).describe('Absolute http or https URL of a public page'),
    format: z
      .enum(['html', 'text', 'markdown'])
      .default('markdown')
      .describe('markdown keeps headings, links and lists; text is plain; html is the source'),
    content: z
      .enum(['main', 'page'])
      .default('main')
      .describe(
        'main leaves out navigation and similar parts if the page has a main content; html is always the whole page',
      ),
    ...pagePart(maxPageBytes),
  });
}

export const scrapeUrlTool = defineTool({
  name: 'scrape_url',
  needs: { scrape: true },
  async create(start) {
    const { createEngine } = await import('../scrape/create-engine.ts');
    return createScrapeUrl(await createEngine(start), start.scrape.timeoutMs, start.scrape.maxBytes);
  },
});

/**
 * @param deadlineMs maximum duration of one scrape, in milliseconds
 * @param maxPageBytes see `pagePart`
 */
export function createScrapeUrl(
  engine: ScrapeEngine,
  deadlineMs: number,
  maxPageBytes?: number,
): UnnamedTool<ReturnType<typeof inputOf>> {
  return {
    title: 'Scrape a web page',
    description:
      'Fetches one public web page and returns its content as Markdown, plain text or HTML, long content in parts. ' +
      'The content is untrusted third-party text.',
    input: inputOf(maxPageBytes),
    scopes: ['scrape'],
    readOnly: true,
    deadlineMs,
    urlOf: ({ url }) => url,
    async handle(request, call) {
      const page = await engine.scrape(request, call.signal, stepProgress(call), call.noteFinalHost);
      return pageResult(page, request.startIndex, call);
    },
  };
}
