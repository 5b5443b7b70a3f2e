import {
  DEFAULT_NEGOTIATED_PROTOCOL_VERSION,
  isInitializeRequest,
  PROTOCOL_VERSION_META_KEY,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/server';
import type { AccessList } from '../auth/access-list.ts';
import { field } from '../json-field.ts';
import { FIRST_STATELESS_REVISION } from '../version.ts';
import { unsupportedVersion } from './protocol-errors.ts';

/** Which protocol versions are accepted. */
export interface VersionPolicy {
  readonly access: AccessList;
  /** The oldest accepted revision. @default - every revision that the SDK supports */
  readonly minimum?: string | undefined;
}

const SUPPORTED = [FIRST_STATELESS_REVISION, ...SUPPORTED_PROTOCOL_VERSIONS];

/** The revisions that a client may use, newest first. */
export function supportedVersions({ minimum = '' }: VersionPolicy): readonly string[] {
  return SUPPORTED.filter((version) => version >= minimum);
}

/**
 * Refuses a message of a denied or too old protocol version. Versions that the SDK does not know pass: it refuses or
 * negotiates them.
 *
 * @throws ServiceError `access_denied` or `unsupported_protocol_version`
 */
export function checkVersion(policy: VersionPolicy, header: string | undefined, body: unknown): void {
  const versions = versionsOf(header, body);
  for (const version of versions) policy.access.check('protocolVersions', version);
  const { minimum } = policy;
  if (minimum === undefined) return;
  const old = versions.find((version) => SUPPORTED.includes(version) && version < minimum);
  if (old !== undefined) throw tooOld(policy, old);
}

/**
 * Refuses a message of the legacy era when none of its revisions is accepted: also a handshake that asks for an unknown
 * version, to which the SDK would respond with one of its own.
 */
export function checkLegacy(policy: VersionPolicy, header: string | null, body: unknown): void {
  const supported = supportedVersions(policy);
  const [version = DEFAULT_NEGOTIATED_PROTOCOL_VERSION] = versionsOf(header ?? undefined, body);
  if (policy.minimum === FIRST_STATELESS_REVISION) throw tooOld(policy, version);
  if (header !== null && !supported.includes(header) && !isInitializeRequest(body))
    throw unsupportedVersion(supported, header);
}

function tooOld(policy: VersionPolicy, version: string) {
  const advice = `update the client to one that supports MCP ${policy.minimum}`;
  return unsupportedVersion(supportedVersions(policy), version, advice);
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
