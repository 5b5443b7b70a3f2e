import type { CallToolResult } from '@modelcontextprotocol/server';
import { type AccessList, EVERYTHING_ALLOWED } from '../auth/access-list.ts';
import { ServiceError } from '../errors.ts';
import type { RequestContext } from '../http/context.ts';
import { isRestricted } from '../logging/recorded-arguments.ts';
import type { Tool } from '../tools/tool.ts';
import { createGuard, type GuardOptions, type ProtocolRequest } from './guard.ts';
import { type ServedTool, served } from './served-tool.ts';

export interface ToolCallerOptions extends GuardOptions {
  readonly tools: readonly (Tool | ServedTool)[];
  /** @default - no tool is denied */
  readonly access?: AccessList | undefined;
}

/**
 * Calls a tool for an authenticated client.
 *
 * @throws ServiceError when the call itself is refused (unknown tool, scope, limit); failures inside the tool are
 * results with `isError`
 * @param mcpReq absent for a call that bypasses the SDK: it reports no progress, and only the end of the request
 * cancels it
 */
export type CallTool = (
  name: string,
  input: unknown,
  context: RequestContext,
  mcpReq?: ProtocolRequest,
) => Promise<CallToolResult>;

/** The tool stage: denial, scope, input, limit, deadline, work, safe error, in this order. */
export function createToolCaller(options: ToolCallerOptions): CallTool {
  const guard = createGuard(options);
  const { access = EVERYTHING_ALLOWED } = options;
  const tools = new Map(options.tools.map((tool) => served(tool)).map((tool) => [tool.entry.name, tool]));

  return async (name, input, context, mcpReq) => {
    const tool = tools.get(name);
    try {
      if (tool === undefined) throw new ServiceError('tool_unknown');
      access.check('tools', name);
      const result = await guard.run('tool', name, tool, tool.check(input ?? {}), context, mcpReq);
      context.outcome = result.isError === true ? 'tool_error' : 'ok';
      return result;
    } catch (thrown) {
      const error = guard.refused('tool', name, thrown, context, isRestricted(tool?.recording));
      if (error.row.jsonRpcCode !== undefined) throw error;
      return { content: [{ type: 'text', text: error.message }], isError: true };
    }
  };
}
