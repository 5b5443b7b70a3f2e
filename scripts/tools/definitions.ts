import { describeTool } from '../../service/mcp/served-tool.ts';
import type { ToolDefinition } from '../../service/tools/definition.ts';
import { exampleTool } from '../../service/tools/example.ts';
import { exampleAwsTool } from '../../service/tools/example-aws.ts';
import { exampleHttpTool } from '../../service/tools/example-http.ts';
import { tools } from '../../service/tools/index.ts';
import { hashOf, toolDefinition } from '../../service/upstream/definitions.ts';
import { createEveryTool } from '../../test/support/every-tool.ts';

/** The file that a reviewer reads when a definition changes. */
export const DEFINITIONS_FILE = 'service/tools/definitions.lock.json';

const EXAMPLES: readonly ToolDefinition[] = [exampleTool, exampleHttpTool, exampleAwsTool];

/** The part of each tool that clients and models read, with its hash in the form of tools.lock.json and its scopes. */
async function definitionsOf(list: readonly ToolDefinition[]) {
  const created = await createEveryTool(list);
  return created.map((tool) => {
    const definition = toolDefinition.parse(describeTool(tool));
    return { ...definition, scopes: tool.scopes, hash: hashOf(toolDefinition, definition) };
  });
}

/** The definitions of the served tools and of the examples, in the order of their lists. */
export async function currentDefinitions() {
  return { tools: await definitionsOf(tools), examples: await definitionsOf(EXAMPLES) };
}
