import type * as z from 'zod';
import type { ScrapeEnvironment } from '../environment/scrape.ts';
import type { Logger } from '../logging/logger.ts';
import type { ReadSecret } from '../secrets/sources.ts';
import type { Turns } from '../turns.ts';
import type { ToolNeeds } from './needs.ts';
import type { ToolContext, UnnamedTool } from './tool.ts';

/** The argument of `create`, when the service starts. */
export interface ToolStart<Settings = unknown, Secret extends string = string> {
  /** The settings of the stage, checked, with defaults. */
  readonly settings: Settings;
  /** The `SCRAPE_*` variables, for a tool with `needs.scrape`. A stage without such a tool sets none: they have their defaults. */
  readonly scrape: ScrapeEnvironment;
  readonly readSecret: ReadSecret;
  readonly logger: Logger;
  /** Divides long conversions into steps, for all calls of this process. */
  readonly turns: Turns;
  /** Gives a tool's handler the types of its schemas and of its definition's needs. Returns the tool as it is. */
  tool<Input extends z.ZodObject, Output extends z.ZodObject>(
    it: UnnamedTool<Input, Output, ToolContext<Settings, Secret>>,
  ): UnnamedTool;
}

/** A tool that can be created: its name, what it needs, and how it starts. */
export interface ToolDefinition {
  /** 1–64 characters of `[A-Za-z0-9_-]`, which all clients and model providers accept. */
  readonly name: string;
  /** @default - nothing */
  readonly needs?: ToolNeeds;
  /**
   * Makes the tool when the service starts. Import heavy modules here: the stack reads `name` and `needs` of every tool
   * without starting it.
   */
  create(start: ToolStart): UnnamedTool | Promise<UnnamedTool>;
}

/**
 * States a tool. `start.settings` and the handler's context have the types of `needs`.
 *
 * @example
 * export const stockTool = defineTool({
 *   name: 'stock',
 *   needs: {
 *     settings: z.strictObject({ apiHost: z.string().max(253).describe('Host of the stock API') }),
 *     secrets: ['apiKey'],
 *     hosts: ({ apiHost }) => [{ host: apiHost, internal: true }],
 *   },
 *   create: ({ tool }) =>
 *     tool({
 *       title: 'Items in stock',
 *       description: 'Tells how many items of an article are in stock.',
 *       input: z.strictObject({ article: z.string().max(40).describe('Article number') }),
 *       scopes: ['stock'],
 *       deadlineMs: 5000,
 *       async handle({ article }, { settings, secret, fetch }) {
 *         const url = `https://${settings.apiHost}/articles/${encodeURIComponent(article)}`;
 *         const response = await fetch(url, { headers: { 'x-api-key': await secret('apiKey') } });
 *         return { text: await response.text() };
 *       },
 *     }),
 * });
 */
export function defineTool<
  Settings extends z.ZodObject = z.ZodObject<Record<never, never>>,
  const Secret extends string = never,
>(definition: {
  readonly name: string;
  readonly needs?: ToolNeeds<Settings, Secret>;
  create(start: ToolStart<z.output<Settings>, Secret>): UnnamedTool | Promise<UnnamedTool>;
}): ToolDefinition {
  return definition;
}
