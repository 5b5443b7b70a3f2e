import type { CallToolResult } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { dropNullsBy } from '../absent-nulls.ts';
import { TOOL_NAME } from '../environment/bounds.ts';
import { ServiceError } from '../errors.ts';
import { annotationsOf, type Tool, type ToolResult } from '../tools/tool.ts';
import { cutText } from '../well-formed.ts';
import type { Checked, Rules } from './guard.ts';

/** A tool as `tools/list` shows it. */
export interface ListedTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: { readonly type: 'object'; readonly [key: string]: unknown };
  readonly outputSchema?: { readonly type: 'object'; readonly [key: string]: unknown } | undefined;
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * A tool as the protocol layer serves it: an author's `Tool`, or a pinned tool of the MCP server behind this one. The
 * tool stage checks scopes, limits and deadline of both.
 */
export interface ServedTool extends Rules {
  readonly entry: ListedTool;
  /** Checks the arguments of a call. Does not throw, and starts nothing. */
  check(input: unknown): Checked<CallToolResult>;
}

/** @throws Error at startup, when clients would not accept the tool's name */
export function served(tool: Tool | ServedTool): ServedTool {
  if ('entry' in tool) return tool;
  const entry = describeTool(tool);
  const withoutNulls = dropNullsBy(entry.inputSchema);
  return {
    entry,
    scopes: tool.scopes,
    deadlineMs: tool.deadlineMs,
    limitPerMinute: tool.limitPerMinute,
    check(input) {
      const { success, data, error } = tool.input.safeParse(withoutNulls(input));
      if (!success) return { problem: explain(error) };
      return {
        url: tool.urlOf?.(data),
        run: async (call) => resultOf(tool, await tool.handle(data, call)),
      };
    },
  };
}

/** @throws Error when clients would not accept the tool's name */
export function describeTool(tool: Tool): ListedTool {
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

/** Names the invalid argument and the reason, in at most 500 characters, without repeating its value. */
export function explain(error: z.ZodError): string {
  return cutText(z.prettifyError(error).replaceAll('\n', ' '), 500);
}

/**
 * A tool's output as a protocol result. @throws ServiceError when it is not a valid result, which is a bug in the tool
 */
function resultOf({ output }: Tool, { text, structured }: ToolResult<unknown>): CallToolResult {
  const isData = typeof structured === 'object' && structured !== null;
  // A client that knows the output schema refuses a result without data, and one without a schema cannot use data.
  if (typeof text !== 'string' || (output === undefined ? structured !== undefined : !isData)) {
    const cause = new Error(
      'Invalid tools/call result: text must be a string, and structured an object where the tool has an output schema',
    );
    throw new ServiceError('internal_error', { reason: cause.message, cause });
  }
  const content: CallToolResult['content'] = [{ type: 'text', text: text.toWellFormed() }];
  return isData ? { content, structuredContent: structured as Record<string, unknown> } : { content };
}
