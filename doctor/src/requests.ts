import { randomUUID } from 'node:crypto';
import { LISTS, type ListMethod } from './definitions.ts';
import type { ServerProfile } from './discover.ts';
import type { Era } from './era.ts';
import { argumentsFor } from './tool-arguments.ts';
import { NO_SUCH_TOOL, type ToolCalls } from './tool-calls.ts';

export interface Request {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface Parts {
  readonly known: ServerProfile;
  readonly toolCalls: ToolCalls;
}

/** Tools, resources and prompts that stand for the others of a server. */
const MAX_TOOLS = 8;
const MAX_ITEMS = 3;

/**
 * Harmless requests for each method that a server must protect: what the server lists, and names that do not exist, which
 * show whether the request gets as far as the search for them.
 */
export function requestsOf({ known, toolCalls }: Parts, era: Era): readonly Request[] {
  const lists = (Object.keys(LISTS) as ListMethod[]).map((method) => ({ method, params: {} }));
  const nothing = `doctor://${randomUUID()}`;
  const tools = toolCalls.callable.slice(0, MAX_TOOLS);
  const calls = tools.map((tool) => ({ name: tool.name, arguments: argumentsFor(tool) }));
  const uris = textsIn(known.resources, 'uri').map((uri) => ({ uri }));
  const prompts = textsIn(known.prompts, 'name').map((name) => ({ name, arguments: {} }));
  const reference = { type: 'ref/prompt', name: prompts[0]?.name ?? NO_SUCH_TOOL };
  const each = (method: string, all: readonly Request['params'][]) =>
    all.map((params) => ({ method, params }));
  return [
    ...lists,
    ...each('tools/call', [...calls, { name: NO_SUCH_TOOL, arguments: {} }]),
    ...each('resources/read', [...uris, { uri: nothing }]),
    ...each('prompts/get', [...prompts, { name: NO_SUCH_TOOL, arguments: {} }]),
    ...each('completion/complete', [{ ref: reference, argument: { name: 'x', value: '' } }]),
    // A level that does not exist changes nothing.
    ...(era.isModern ? [] : each('logging/setLevel', [{ level: 'doctor-no-such-level' }])),
  ];
}

const textsIn = (items: readonly Readonly<Record<string, unknown>>[], member: string): readonly string[] =>
  items
    .map((item) => item[member])
    .filter((value) => typeof value === 'string')
    .slice(0, MAX_ITEMS);

/** The requests of `requestsOf` for what the server says that it offers. */
export function offeredRequestsOf(parts: Parts, era: Era): readonly Request[] {
  const kinds = {
    completion: 'completions',
    logging: 'logging',
    prompts: 'prompts',
    resources: 'resources',
    tools: 'tools',
  };
  return requestsOf(parts, era).filter(({ method }) => {
    const kind = method.slice(0, method.indexOf('/')) as keyof typeof kinds;
    return kinds[kind] in era.capabilities && method !== era.base;
  });
}
