import type { CallToolResult } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { dropNullsBy } from '../absent-nulls.ts';
import { TOOL_NAME } from '../environment/bounds.ts';
import type { RecordingRule } from '../logging/recorded-arguments.ts';
import { annotationsOf, type CallContext, type Tool, type ToolContext } from '../tools/tool.ts';
import { cutText } from '../well-formed.ts';
import type { Checked, Rules } from './guard.ts';
import { resultOf } from './tool-result.ts';

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
  /** How the audit record has its arguments. @default - in full, redacted */
  readonly recording?: RecordingRule | undefined;
  /** Checks the arguments of a call. Does not throw, and starts nothing. */
  check(input: unknown): Checked<CallToolResult>;
}

/** The values of a stage for a tool, and the statements of its definition. */
export interface Equipment extends Pick<ServedTool, 'limitPerMinute' | 'recording'> {
  /** @default - the tool's own */
  readonly deadlineMs?: number | undefined;
  /** The context of a call, for the tool's handler. */
  contextOf(call: CallContext): ToolContext;
}

/**
 * @param equipment @default - none: the handler has no settings, no secret and no host
 * @throws Error at startup, when clients would not accept the tool's name
 */
export function served(tool: Tool | ServedTool, equipment: Equipment = UNEQUIPPED): ServedTool {
  if ('entry' in tool) return tool;
  const entry = describeTool(tool);
  const withoutNulls = dropNullsBy(entry.inputSchema);
  return {
    entry,
    scopes: tool.scopes,
    deadlineMs: equipment.deadlineMs ?? tool.deadlineMs,
    limitPerMinute: equipment.limitPerMinute ?? tool.limitPerMinute,
    recording: equipment.recording,
    check(input) {
      const { success, data, error } = tool.input.safeParse(withoutNulls(input));
      if (!success) return { problem: explain(error) };
      return {
        url: tool.urlOf?.(data),
        run: async (call) => resultOf(tool, await tool.handle(data, equipment.contextOf(call))),
      };
    },
  };
}

const refuse = () => Promise.reject(new Error('a tool without a definition has no secrets and no hosts'));
const silent = () => {};
const settings = {};
const log = { info: silent, warn: silent, error: silent };

const UNEQUIPPED: Equipment = {
  contextOf: ({ requestId, client, user, trace, signal, progress, noteFinalHost }) => ({
    // Named one by one, as in service/tools/equipment.ts: a copy by rest or spread costs 6 µs of CPU a call.
    requestId,
    client,
    user,
    trace,
    signal,
    progress,
    noteFinalHost,
    settings,
    secret: refuse,
    upstreamToken: refuse,
    fetch: refuse,
    log,
  }),
};

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
