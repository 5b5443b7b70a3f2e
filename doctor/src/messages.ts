import { randomInt } from 'node:crypto';

/** The parts of a JSON-RPC response that the checks use. */
export interface RpcMessage {
  readonly id?: unknown;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown };
}

export const MODERN_VERSION = '2026-07-28';
export const LEGACY_VERSION: string = '2025-11-25';
/** Offered to a server that refuses the newest instead of naming its own. */
export const OLDER_VERSIONS = ['2025-06-18', '2025-03-26', '2024-11-05'] as const;

const CLIENT = { name: 'hardened-mcp-doctor', version: '1' };

export interface Message {
  readonly body: Readonly<Record<string, unknown>>;
  /** Header fields that must match the body. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** An ID may come only once in a session, and some servers never answer one that comes again. */
const newId = (): number => randomInt(1000, 2 ** 31);

/** A request of revision 2026-07-28 with its `_meta` members and header fields. */
export function modernMessage(method: string, params: Readonly<Record<string, unknown>> = {}): Message {
  const { name, uri } = params;
  const named = typeof name === 'string' ? name : uri;
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': CLIENT,
  };
  return {
    body: { jsonrpc: '2.0', id: newId(), method, params: { ...params, _meta } },
    headers: {
      'mcp-protocol-version': MODERN_VERSION,
      'mcp-method': method,
      'mcp-name': typeof named === 'string' ? headerText(named) : undefined,
    },
  };
}

/** The encoding that the specification gives for text that a header field cannot carry. */
function headerText(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text);
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

/** A request of an older revision, with the session ID if there is one. */
export function legacyMessage(
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  { version, session }: { readonly version?: string; readonly session?: string | undefined } = {},
): Message {
  return {
    body: { jsonrpc: '2.0', id: newId(), method, params },
    headers: { 'mcp-protocol-version': version, 'mcp-session-id': session },
  };
}

export function initializeMessage(version = LEGACY_VERSION): Message {
  return legacyMessage('initialize', {
    protocolVersion: version,
    capabilities: {},
    clientInfo: CLIENT,
  });
}

/** Every JSON-RPC message in a JSON body, including batches. */
export function messagesOfJson(text: string): readonly RpcMessage[] {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return [];
  }
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item): item is RpcMessage => typeof item === 'object' && item !== null);
}

/** Every JSON-RPC message in complete server-sent events. */
export function messagesOfEvents(text: string): readonly RpcMessage[] {
  const lines = text.replace(/\r\n?/g, '\n');
  return lines.split('\n\n').flatMap((event) => {
    const data = event
      .split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice('data:'.length).trim());
    return data.length === 0 ? [] : messagesOfJson(data.join('\n'));
  });
}

/** Whether the message answers a request. Notifications and requests of the server do not. */
export function isAnswer({ result, error }: RpcMessage): boolean {
  return result !== undefined || error !== undefined;
}
