import type { Request } from 'express';
import { mapMembers } from '../absent-nulls.ts';
import { field, isRecord } from '../json-field.ts';
import { parseTraceparent } from '../trace.ts';
import type { RequestContext } from './context.ts';

/** Copies the message's claims into the context, for the audit record. Nothing is checked yet. */
export function recordClientClaims(context: RequestContext, request: Request, body: unknown): void {
  const method = field(body, 'method');
  const id = field(body, 'id');
  const params = field(body, 'params');
  const name = field(params, 'name');
  const uri = field(params, 'uri');
  const protocolVersion = field(params, 'protocolVersion');
  if (isId(id)) context.rpcId = id;
  // An intermediary may have begun a trace of its own in the header; this one is the client's.
  const trace = parseTraceparent(field(field(params, '_meta'), 'traceparent'));
  if (trace !== undefined) context.trace = trace;
  if (typeof method === 'string') context.method = method;
  if (method === 'tools/call') {
    if (typeof name === 'string') context.tool = name;
    context.arguments = argumentsOf(body);
  } else if (method === 'prompts/get') {
    if (typeof name === 'string') context.prompt = name;
    context.arguments = argumentsOf(body);
  } else if (method === 'resources/read' && typeof uri === 'string') {
    context.resource = uri;
  }
  context.protocolVersion =
    request.get('mcp-protocol-version') ??
    (typeof protocolVersion === 'string' ? protocolVersion : undefined);
}

/** The arguments of a call. */
export function argumentsOf(body: unknown): unknown {
  return field(field(body, 'params'), 'arguments');
}

/** Whether an id can be given back as it came. Beyond 2^53, parsing has rounded it to an id that no client sent. */
function isId(id: unknown): id is string | number {
  return typeof id === 'string' || Number.isSafeInteger(id);
}

/**
 * A message without an id gets no response, so only the protocol's notifications may omit it: a `tools/call` that was
 * accepted but never run would falsify the audit trail. Responses are for servers that send requests to clients; this
 * one never does.
 */
export function isAnswerable(body: unknown): boolean {
  const method = field(body, 'method');
  const id = field(body, 'id');
  const notification = typeof method === 'string' && method.startsWith('notifications/');
  return id === undefined ? notification : isId(id) && method !== undefined;
}

export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(each, levels - 1));
}

/**
 * Whether a client opens a handshake and repeats the version it asks for in the header. No version is agreed yet, so
 * the header may have any value; the response names the version in use.
 */
export function isHandshake(body: unknown, versionHeader: string | undefined): boolean {
  if (!isRecord(body) || body['method'] !== 'initialize') return false;
  const { params } = body;
  return isRecord(params) && params['protocolVersion'] === versionHeader;
}

/**
 * Drops null members of the message, which many clients send for ones they leave out: no protocol parameter may be
 * null. Members of `arguments` stay, because the tool's schema decides. The id stays, because it must be present. A
 * message without nulls is returned as it is.
 */
export function withoutNulls(body: unknown): unknown {
  if (!isRecord(body) || body['params'] === undefined) return body;
  const { params, ...rest } = body;
  if (params === null) return rest;
  const kept = keep(params, true);
  return kept === params ? body : { ...rest, params: kept };
}

/** @param outermost whether this is `params` itself, whose `arguments` belong to the tool */
function keep(value: unknown, outermost = false): unknown {
  if (!isRecord(value)) return value;
  return mapMembers(value, (name) => ({
    drop: outermost && name === 'arguments' ? (member) => member : (member) => keep(member),
    absent: true,
  }));
}
