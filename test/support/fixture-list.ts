import type { ToolDefinition } from '../../service/tools/definition.ts';
import { fetchPageTool } from './fetch-page.ts';
import { greetTool } from './fixture-tools.ts';

/** The list of a program under test, in place of service/tools/index.ts: it is the same in every fork. */
export const tools: readonly ToolDefinition[] = [fetchPageTool, greetTool];
