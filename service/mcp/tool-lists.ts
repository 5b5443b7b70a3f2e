import * as z from 'zod';
import { annotationsOf, type Tool } from '../tools/tool.ts';

/** A tool as `tools/list` shows it. */
export type ListedTool = ReturnType<typeof describeTool>;

/** The tools that a set of scopes may call, in the order of `createTools`. */
export type ToolLists = (granted?: ReadonlySet<string>) => readonly ListedTool[];

/**
 * A client does not see tools that it may not call; if it calls one anyway, the refusal names the missing scope. A list
 * is made once per set of visible tools, and is the same object from then on.
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

/** Names that every client and model provider accepts; several refuse a dot, or cut off after 64 characters. */
const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** @throws Error at startup, when clients would not accept the tool's name */
export function describeTool(tool: Tool) {
  if (!TOOL_NAME.test(tool.name)) {
    throw new Error(
      `a tool's name must be 1 to 64 of letters, digits, _ and -, got ${JSON.stringify(tool.name.slice(0, 100))}`,
    );
  }
  const schema = (type: z.ZodType, io: 'input' | 'output') => {
    const { $schema, ...rest } = z.toJSONSchema(type, { io });
    // The default dialect applies without `$schema` (MCP 2026-07-28, JSON Schema Usage), so it is only stated if the
    // tool's author states it.
    const dialect = type.meta()?.['$schema'] === undefined ? {} : { $schema };
    return { ...dialect, ...rest } as { type: 'object'; [key: string]: unknown };
  };
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: schema(tool.input, 'input'),
    ...(tool.output && { outputSchema: schema(tool.output, 'output') }),
    annotations: annotationsOf(tool),
  };
}

/** Whether the tool has arguments that are repeated in a header, which the SDK compares (`Mcp-Param-*`). */
export function mirrorsArguments({ inputSchema }: ListedTool): boolean {
  return JSON.stringify(inputSchema).includes('"x-mcp-header":');
}
