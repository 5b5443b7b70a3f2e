import type { Request } from 'express';
import { type Json, mapMembers } from '../absent-nulls.ts';
import type { RequestContext } from '../http/context.ts';

/** What the audit record will say of the message. Everything here is the client's claim, not yet checked. */
export function note(context: RequestContext, request: Request, body: unknown): void {
  const { method, id, params } = (body ?? {}) as { method?: unknown; id?: unknown; params?: unknown };
  const { name, protocolVersion } = (params ?? {}) as Record<string, unknown>;
  if (isId(id)) context.rpcId = id;
  if (typeof method === 'string') context.method = method;
  if (method === 'tools/call') {
    if (typeof name === 'string') context.tool = name;
    context.arguments = argumentsOf(body);
  }
  context.protocolVersion =
    request.get('mcp-protocol-version') ??
    (typeof protocolVersion === 'string' ? protocolVersion : undefined);
}

/** What a call gives the tool. */
export function argumentsOf(body: unknown): unknown {
  const { params } = (body ?? {}) as { params?: { arguments?: unknown } | null };
  return params?.arguments;
}

/** Whether an id can be given back as it came. Beyond 2^53 it has been rounded to one that nobody sent. */
function isId(id: unknown): id is string | number {
  return typeof id === 'string' || Number.isSafeInteger(id);
}

/**
 * A message without an id gets no answer, so only what the protocol defines as a notification may come without one:
 * a `tools/call` that was accepted and never run would be a lie in the audit trail. Responses are for servers that
 * ask clients; this one never does.
 */
export function isAnswerable(body: unknown): boolean {
  const { method, id } = (body ?? {}) as { method?: unknown; id?: unknown };
  const notification = typeof method === 'string' && method.startsWith('notifications/');
  return id === undefined ? notification : isId(id) && method !== undefined;
}

export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(each, levels - 1));
}

/**
 * Whether a client opens a handshake and repeats in the header the version it asks for, which there is no agreement on
 * yet: whatever it is, the answer says which one is spoken.
 */
export function isHandshake(body: unknown, versionHeader: string | undefined): boolean {
  if (!isRecord(body) || body['method'] !== 'initialize') return false;
  const { params } = body;
  return isRecord(params) && params['protocolVersion'] === versionHeader;
}

/**
 * The message without the members that are null, which many clients write for one they leave out: no parameter of the
 * protocol has null for a value. Not in `arguments`, which the tool's schema is for, and not the id, which must be one.
 * A message without such a member is returned as it is.
 */
export function withoutNulls(body: unknown): unknown {
  if (!isRecord(body) || body['params'] === undefined) return body;
  const { params, ...rest } = body;
  if (params === null) return rest;
  const kept = keep(params, true);
  return kept === params ? body : { ...rest, params: kept };
}

/** @param outermost whether these are the params themselves, whose `arguments` are the tool's */
function keep(value: unknown, outermost = false): unknown {
  if (!isRecord(value)) return value;
  return mapMembers(value, (name) => ({
    drop: outermost && name === 'arguments' ? (member) => member : (member) => keep(member),
    absent: true,
  }));
}

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
