import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  classifyInboundRequest,
  PROTOCOL_VERSION_META_KEY,
  SERVER_INFO_META_KEY,
} from '@modelcontextprotocol/server';
import type { Request } from 'express';
import { LRUCache } from 'lru-cache';
import { EVERYTHING_ALLOWED } from '../auth/access-list.ts';
import type { RequestContext } from '../http/context.ts';
import { isRecord, type Json } from '../json-field.ts';
import { FIRST_STATELESS_REVISION } from '../version.ts';
import { createLists } from './lists.ts';
import { mirrorsArguments, served } from './served-tool.ts';
import { identityOf, LIST_TTL_MS, type McpServerOptions } from './server.ts';

/**
 * Responds to common messages without the SDK.
 *
 * @returns the text of the response, or undefined when the SDK must respond
 * @throws ServiceError as the tool stage does
 */
export type FastPath = (
  request: Request,
  body: unknown,
  context: RequestContext,
) => Promise<string> | undefined;

/** Valid envelopes to cache; the least recently used is evicted. At most 4 MB, two bytes a character. */
const MAX_ENVELOPES = 1000;
/** Longest envelope to cache, in characters; clients need about 200. */
const MAX_ENVELOPE = 2048;

const MESSAGE = new Set(['jsonrpc', 'id', 'method', 'params']);
const ENVELOPE = new Set([PROTOCOL_VERSION_META_KEY, CLIENT_INFO_META_KEY, CLIENT_CAPABILITIES_META_KEY]);
/** Members of `_meta` that a traced client sends (W3C Trace Context). */
const TRACE = ['traceparent', 'tracestate', 'baggage'];
const PARAMS = new Map([
  ['tools/call', new Set(['name', 'arguments', '_meta'])],
  ['tools/list', new Set(['_meta'])],
]);

/**
 * Responds to `tools/call` and `tools/list` of 2026-07-28 in the plain form that every client sends. This saves the
 * SDK's objects per request, which are most of the cost of a call. It refuses nothing. A message that differs from the
 * plain form in any way (a member, a header, a progress token) goes to the SDK, which knows the whole protocol. So does
 * the first message of each client, whose envelope the SDK validates. Tests compare the responses of both paths.
 */
export function createFastPath({
  callTool,
  version,
  access = EVERYTHING_ALLOWED,
  ...options
}: McpServerOptions): FastPath {
  const tools = options.tools.map((tool) => served(tool));
  const callable = new Set(tools.flatMap(({ entry }) => (mirrorsArguments(entry) ? [] : [entry.name])));
  const lists = createLists(tools, ({ name }) => access.isDenied('tools', name));
  const listTexts = new WeakMap<object, string>();
  const envelopes = createEnvelopeMemory();
  const tail = {
    resultType: 'complete',
    _meta: { [SERVER_INFO_META_KEY]: identityOf(version) },
  };

  /** Whether the SDK has accepted this exact envelope before. */
  function isGoodEnvelope(meta: Json, body: Json): boolean {
    const envelope = untraced(meta);
    if (envelope[PROTOCOL_VERSION_META_KEY] !== FIRST_STATELESS_REVISION || !hasOnly(envelope, ENVELOPE))
      return false;
    const text = JSON.stringify(envelope);
    if (envelopes.get(text)) return true;
    if (
      text.length > MAX_ENVELOPE ||
      classifyInboundRequest({ httpMethod: 'POST', body }).kind !== 'modern'
    ) {
      return false;
    }
    envelopes.set(text, true);
    return true;
  }

  function list(context: RequestContext): string {
    const visible = lists(context.principal?.scopes);
    let text = listTexts.get(visible);
    if (text === undefined) {
      const { resultType, _meta } = tail;
      const hints = { ttlMs: LIST_TTL_MS, cacheScope: 'private' };
      text = JSON.stringify({ tools: visible, resultType, ...hints, _meta });
      listTexts.set(visible, text);
    }
    context.outcome = 'ok';
    return text;
  }

  async function call({ name, arguments: input }: Json, context: RequestContext): Promise<string> {
    return JSON.stringify({ ...(await callTool(name as string, input, context)), ...tail });
  }

  return (request, body, context) => {
    const { headers } = request;
    if (headers['mcp-protocol-version'] !== FIRST_STATELESS_REVISION || !isRecord(body)) return undefined;
    const { jsonrpc, id, method, params } = body;
    if (
      jsonrpc !== '2.0' ||
      !(typeof id === 'string' || Number.isSafeInteger(id)) ||
      !hasOnly(body, MESSAGE)
    ) {
      return undefined;
    }
    const members =
      typeof method === 'string' && headers['mcp-method'] === method ? PARAMS.get(method) : undefined;
    if (members === undefined || !isRecord(params) || !hasOnly(params, members)) return undefined;
    const { name, arguments: input, _meta: meta } = params;
    if (!isRecord(meta)) return undefined;
    if (method === 'tools/call') {
      if (typeof name !== 'string' || headers['mcp-name'] !== name || !callable.has(name)) return undefined;
      if (input !== undefined && !(isRecord(input) && !Object.hasOwn(input, '__proto__'))) return undefined;
    }
    if (!isGoodEnvelope(meta, body)) return undefined;
    const ending = `,"jsonrpc":"2.0","id":${JSON.stringify(id)}}`;
    const result = method === 'tools/call' ? call(params, context) : Promise.resolve(list(context));
    return result.then((text) => `{"result":${text}${ending}`);
  };
}

/** Caches valid envelopes by their text, in bounded memory. */
export function createEnvelopeMemory(): LRUCache<string, true> {
  return new LRUCache({ max: MAX_ENVELOPES });
}

/** Without the trace of the request, which differs in every one and concerns only its record. */
function untraced(meta: Json): Json {
  if (TRACE.every((name) => meta[name] === undefined)) return meta;
  return Object.fromEntries(Object.entries(meta).filter(([name]) => !TRACE.includes(name)));
}

function hasOnly(value: Json, names: ReadonlySet<string>): boolean {
  for (const name of Object.keys(value)) if (!names.has(name)) return false;
  return true;
}
