import {
  fromJsonSchema,
  type jsonSchemaValidator,
  McpServer,
  ProtocolError,
} from '@modelcontextprotocol/server';
import { type AccessList, EVERYTHING_ALLOWED } from '../auth/access-list.ts';
import { ServiceError } from '../errors.ts';
import type { RequestContext } from '../http/context.ts';
import type { Tool } from '../tools/tool.ts';
import type { CallTool } from './call-tool.ts';
import type { GetPrompt, ServedPrompt } from './get-prompt.ts';
import { createLists, type Lists } from './lists.ts';
import type { ListedResource, ListedTemplate, ReadResource, ServedResource } from './read-resource.ts';
import { mirrorsArguments, type ServedTool, served } from './served-tool.ts';

export interface McpServerOptions {
  readonly tools: readonly (Tool | ServedTool)[];
  readonly callTool: CallTool;
  /** @default - none: the protocol's methods for resources are unknown */
  readonly resources?: readonly ServedResource[] | undefined;
  readonly readResource?: ReadResource | undefined;
  /** @default - none: the protocol's methods for prompts are unknown */
  readonly prompts?: readonly ServedPrompt[] | undefined;
  readonly getPrompt?: GetPrompt | undefined;
  /** @default - no tool is denied */
  readonly access?: AccessList | undefined;
  readonly version: string;
}

/** How long a client may cache a list, in milliseconds. */
export const LIST_TTL_MS = 60_000;

/** A list depends on the token, so shared caches may not store it (MCP 2026-07-28, caching). */
const LIST_HINT = { ttlMs: LIST_TTL_MS, cacheScope: 'private' } as const;
const CACHE_HINTS = {
  'tools/list': LIST_HINT,
  'resources/list': LIST_HINT,
  'resources/templates/list': LIST_HINT,
  'prompts/list': LIST_HINT,
};

/** The tool stage checks the arguments of every tool; the SDK's own check makes code from text, which the image forbids. */
const UNCHECKED: jsonSchemaValidator = {
  getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
};

/** The identity of this server. */
export function identityOf(version: string) {
  return { name: 'hardened-mcp', title: 'Hardened MCP', version };
}

/** Makes the SDK's protocol object of one request, or of one stdio connection. */
export type McpServerFactory = (context: () => RequestContext) => McpServer;

/**
 * The protocol layer over the tool stage. An instance serves one request: sharing one between clients could send a
 * response to the wrong client (CVE-2026-25536). Parts that do not change per request, such as the tool list, are built
 * here once.
 */
export function createMcpServerFactory(options: McpServerOptions): McpServerFactory {
  const identity = identityOf(options.version);
  const tools = options.tools.map((tool) => served(tool));
  const { access = EVERYTHING_ALLOWED } = options;
  const listFor = createLists(tools, ({ name }) => access.isDenied('tools', name));
  const mirrored = tools.map(({ entry }) => entry).filter(mirrorsArguments);
  const addResources = resourceHandlers(options);
  const addPrompts = promptHandlers(options);
  // A list changes only by what is denied, which a client sees when it lists again, so there are no notifications.
  const capabilities = {
    tools: { listChanged: false },
    ...(addResources && { resources: { listChanged: false, subscribe: false } }),
    ...(addPrompts && { prompts: { listChanged: false } }),
  };
  return (context) => {
    const server = new McpServer(identity, { capabilities, cacheHints: CACHE_HINTS });
    // The SDK compares `Mcp-Param-*` headers only with arguments of tools that are registered by name.
    for (const { name, inputSchema } of mirrored) {
      server.registerTool(name, { inputSchema: fromJsonSchema(inputSchema, UNCHECKED) }, unreachable);
    }
    server.server.setRequestHandler('tools/list', ({ params }) => {
      return { tools: listed(context(), params, listFor) };
    });
    // Our own handler: the SDK's would send the text of any exception to the client.
    server.server.setRequestHandler('tools/call', ({ params }, { mcpReq }) =>
      asProtocolError(options.callTool(params.name, params.arguments, context(), mcpReq)),
    );
    addResources?.(server, context);
    addPrompts?.(server, context);
    return server;
  };
}

type AddHandlers = (server: McpServer, context: () => RequestContext) => void;

/** @returns undefined without a resource */
function resourceHandlers({ resources = [], readResource }: McpServerOptions): AddHandlers | undefined {
  if (resources.length === 0 || readResource === undefined) return undefined;
  const single = resources.filter(
    (each): each is ServedResource & { entry: ListedResource } => 'uri' in each.entry,
  );
  const templates = resources.filter(
    (each): each is ServedResource & { entry: ListedTemplate } => 'uriTemplate' in each.entry,
  );
  const [listFor, templatesFor] = [createLists(single), createLists(templates)];
  return ({ server }, context) => {
    server.setRequestHandler('resources/list', ({ params }) => {
      return { resources: listed(context(), params, listFor) };
    });
    server.setRequestHandler('resources/templates/list', ({ params }) => {
      return { resourceTemplates: listed(context(), params, templatesFor) };
    });
    server.setRequestHandler('resources/read', ({ params }, { mcpReq }) =>
      asProtocolError(readResource(params.uri, context(), mcpReq)),
    );
  };
}

/** @returns undefined without a prompt */
function promptHandlers({ prompts = [], getPrompt }: McpServerOptions): AddHandlers | undefined {
  if (prompts.length === 0 || getPrompt === undefined) return undefined;
  const listFor = createLists(prompts);
  return ({ server }, context) => {
    server.setRequestHandler('prompts/list', ({ params }) => {
      return { prompts: listed(context(), params, listFor) };
    });
    server.setRequestHandler('prompts/get', ({ params }, { mcpReq }) =>
      asProtocolError(getPrompt(params.name, params.arguments, context(), mcpReq)),
    );
  };
}

/** The list that the client may see. */
function listed<Entry>(
  context: RequestContext,
  params: { cursor?: string | undefined } | undefined,
  listFor: Lists<Entry>,
): Entry[] {
  if (params?.cursor !== undefined) {
    // Every list is complete, so this server never issued a cursor.
    throw protocolError(new ServiceError('params_invalid', { detail: 'the cursor is not valid' }));
  }
  context.outcome = 'ok';
  return [...listFor(context.principal?.scopes)];
}

async function asProtocolError<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw protocolError(error);
  }
}

/** The error travels as `data`, which reaches the transport unchanged, so that nothing of the row is lost. */
function protocolError(error: ServiceError): ProtocolError {
  return new ProtocolError(error.toJSON().code, error.message, error);
}

function unreachable(): never {
  throw new ServiceError('internal_error', { reason: 'a tool call bypassed the tool stage' });
}
