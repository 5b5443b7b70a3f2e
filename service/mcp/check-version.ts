import { DEFAULT_NEGOTIATED_PROTOCOL_VERSION, PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';
import type { AccessList } from '../auth/access-list.ts';
import { field } from '../json-field.ts';

/** Refuses a message of a denied protocol version. @throws ServiceError `access_denied` */
export function checkVersion(access: AccessList, header: string | undefined, body: unknown): void {
  for (const version of versionsOf(header, body)) access.check('protocolVersions', version);
}

/**
 * The protocol versions that a message names: more than one only in a message that the SDK refuses, or in a handshake.
 * A message without a version is of 2025-03-26 or older, which had no header (MCP 2025-06-18, Transports).
 */
function versionsOf(header: string | undefined, body: unknown): readonly string[] {
  const params = field(body, 'params');
  const inBody =
    field(body, 'method') === 'initialize'
      ? field(params, 'protocolVersion')
      : field(field(params, '_meta'), PROTOCOL_VERSION_META_KEY);
  const named = [header, inBody].filter((version) => typeof version === 'string');
  return named.length === 0 ? [DEFAULT_NEGOTIATED_PROTOCOL_VERSION] : named;
}
