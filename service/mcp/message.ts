import type { Request } from 'express';
import type { RequestContext } from '../http/context.ts';
import { field, isRecord } from '../json-field.ts';

/** Copies the message's claims into the fields of the audit record. They are not checked yet. */
export function recordClientClaims(context: RequestContext, request: Request, body: unknown): void {
  const method = field(body, 'method');
  const id = field(body, 'id');
  const params = field(body, 'params');
  const name = field(params, 'name');
  const protocolVersion = field(params, 'protocolVersion');
  if (isId(id)) context.rpcId = id;
  if (typeof method === 'string') context.method = method;
  if (method === 'tools/call') {
    if (typeof name === 'string') context.tool = name;
    context.arguments = field(params, 'arguments');
  }
  context.protocolVersion =
    request.get('mcp-protocol-version') ??
    (typeof protocolVersion === 'string' ? protocolVersion : undefined);
}

/** Whether an id can be returned unchanged. Beyond 2^53, parsing has rounded it. */
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
 * null. Members of `arguments` stay, because the tool's schema decides, and so does the id, which must be present. A
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
  let changed = false;
  const kept: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) {
    const inner = outermost && name === 'arguments' ? member : keep(member);
    if (inner !== null) kept.push([name, inner]);
    if (inner !== member || inner === null) changed = true;
  }
  // Not by assignment: a member may be named __proto__.
  return changed ? Object.fromEntries(kept) : value;
}
