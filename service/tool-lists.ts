import * as z from 'zod';
import { annotationsOf, type Tool } from './tools/tool.ts';

/** A tool as `tools/list` shows it. */
export type ListedTool = ReturnType<typeof describeTool>;

/** The tools that a set of scopes may call, in the order of `createTools`. */
export type ToolLists = (granted?: ReadonlySet<string>) => readonly ListedTool[];

/**
 * What a client may not call it does not see; if it calls all the same, it learns which scope it lacks. A list is made
 * once for each set of visible tools, and is the same object from then on.
 */
export function createToolLists(tools: readonly Tool[]): ToolLists {
  const listed = tools.map((tool) => ({ scopes: tool.scopes, entry: describeTool(tool) }));
  const lists = new Map<string, readonly ListedTool[]>();
  return (granted = new Set()) => {
    const visible = listed.map(({ scopes }) => scopes.every((scope) => granted.has(scope)));
    const key = visible.map(Number).join('');
    let list = lists.get(key);
    if (list === undefined) {
      list = listed.filter((_tool, index) => visible[index]).map(({ entry }) => entry);
      lists.set(key, list);
    }
    return list;
  };
}

export function describeTool(tool: Tool) {
  const schema = (type: z.ZodType, io: 'input' | 'output') =>
    z.toJSONSchema(type, { io }) as { type: 'object'; [key: string]: unknown };
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: schema(tool.input, 'input'),
    ...(tool.output && { outputSchema: schema(tool.output, 'output') }),
    annotations: annotationsOf(tool),
  };
}

/** Whether the tool wants an argument repeated in a header, which the SDK compares (`Mcp-Param-*`). */
export function mirrorsArguments({ inputSchema }: ListedTool): boolean {
  return JSON.stringify(inputSchema).includes('"x-mcp-header":');
}
