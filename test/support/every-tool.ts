import { parseEnvironment } from '../../service/environment.ts';
import type { ToolDefinition } from '../../service/tools/definition.ts';
import { tools } from '../../service/tools/index.ts';
import type { Tool, UnnamedTool } from '../../service/tools/tool.ts';
import { createTurns } from '../../service/turns.ts';

/**
 * Every tool of service/tools, those of a fork included, created without the values of a stage: settings have their
 * defaults, and no secret can be read.
 */
export function createEveryTool(definitions: readonly ToolDefinition[] = tools): Promise<readonly Tool[]> {
  const ignore = () => {};
  const { scrape } = parseEnvironment('local', { MCP_TOOLS: ',' }, definitions);
  return Promise.all(
    definitions.map(async (definition) => {
      const start = {
        settings: definition.needs?.settings?.safeParse({}).data ?? {},
        scrape,
        readSecret: () => Promise.reject(new Error('no secret in this test')),
        logger: { info: ignore, warn: ignore, error: ignore },
        turns: createTurns(),
        tool: (it: object) => it as UnnamedTool,
      };
      return { ...(await definition.create(start)), name: definition.name };
    }),
  );
}
