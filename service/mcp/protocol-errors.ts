import { type JSONRPCErrorResponse, specTypeSchemas, type Transport } from '@modelcontextprotocol/server';
import { type ErrorCode, ServiceError } from '../errors.ts';
import { field } from '../json-field.ts';
import { quoted } from '../logging/json-line.ts';
import { cutText } from '../well-formed.ts';

type ProtocolError = JSONRPCErrorResponse['error'];

/** Rows for refusals by the SDK, by its error code. */
const ROWS = new Map<number, ErrorCode>([
  [-32_600, 'message_not_accepted'],
  [-32_601, 'method_unknown'],
  [-32_602, 'params_invalid'],
  [-32_020, 'header_mismatch'],
  [-32_021, 'capability_missing'],
  [-32_022, 'unsupported_protocol_version'],
]);

/** SDK texts that distinguish our own faults from errors with the same code. */
const OWN_FAULT = /^(Invalid tools\/call result|Output validation error)/;
const ENVELOPE = /_meta envelope|per-request envelope/;
const BODY_VERSION = /envelope names protocol version (\d{4}-\d{2}-\d{2}) /;
const HEADER_NAME = /\b(MCP-Protocol-Version|Mcp-[\w-]+) header/;

/** Longest detail in characters. It names text of the client, which may be long. */
const MAX_DETAIL = 300;
const MAX_VERSION = 64;

/**
 * Replaces every outgoing error with a row of the table, whether it comes from the tool stage, the SDK or an exception,
 * whose text the SDK would send. Successful responses cost nothing.
 *
 * @param refused called with each error; returns the one to send
 */
export function mapErrors<T extends Transport>(
  transport: T,
  refused: (error: ServiceError, answer: JSONRPCErrorResponse) => ServiceError,
): T {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    if (!('error' in message)) return send(message, options);
    const error = refused(fromProtocol(message.error), message).toJSON();
    return send({ ...message, error }, options);
  };
  return transport;
}

/**
 * The row of an error that the SDK is about to send. The SDK's texts are for the operator: some are dumps of a schema
 * library, some repeat the client's text, and an exception may contain anything.
 */
export function fromProtocol({ code, message, data }: ProtocolError): ServiceError {
  // A refusal of the tool stage is used unchanged.
  if (data instanceof ServiceError) return data;
  const known = (data ?? {}) as Record<string, unknown>;
  const issues = describeIssues(message);
  const refuse = (row: ErrorCode, detail?: string, kept?: Record<string, unknown>) =>
    new ServiceError(row, {
      reason: detail ?? message,
      detail: detail && cutText(detail, MAX_DETAIL),
      data: kept,
    });

  const row = ROWS.get(code);
  // The SDK reports invalid params of a handler as an internal error, and an invalid result of ours as invalid params.
  if (row === 'params_invalid' ? OWN_FAULT.test(message) : row === undefined && issues === undefined) {
    return new ServiceError('internal_error', { reason: message, cause: new Error(message) });
  }
  switch (row) {
    case 'header_mismatch': {
      const name = HEADER_NAME.exec(message)?.[1] ?? 'an MCP header';
      const version = BODY_VERSION.exec(message)?.[1];
      return refuse(row, version === undefined ? name : `${name}: ${version}`);
    }
    case 'capability_missing': {
      const { requiredCapabilities = {} } = known;
      return refuse(row, Object.keys(requiredCapabilities as object).join(', '), { requiredCapabilities });
    }
    case 'unsupported_protocol_version': {
      const { supported = [], requested } = known;
      return unsupportedVersion(supported as string[], String(requested));
    }
    case 'message_not_accepted':
    case 'method_unknown':
      return refuse(row);
    default:
      return ENVELOPE.test(message)
        ? refuse('meta_invalid', describeEnvelope(known['envelope']))
        : refuse('params_invalid', issues);
  }
}

/**
 * @param supported versions of this server, of which the client may choose one
 * @param advice for the person who reads the text. @default - none
 */
export function unsupportedVersion(
  supported: readonly string[],
  requested: string,
  advice?: string,
): ServiceError {
  return new ServiceError('unsupported_protocol_version', {
    reason: `version ${quoted(requested)}`,
    detail: [supported.join(', '), advice].filter((part) => part !== undefined).join('; '),
    data: { supported, requested: cutText(requested, MAX_VERSION) },
  });
}

/** Names the member that makes a body an invalid protocol message, and why. */
export function messageNotAccepted(body: unknown): ServiceError {
  const method = field(body, 'method');
  const notification =
    field(body, 'id') === undefined && typeof method === 'string' && method.startsWith('notifications/');
  const type = notification ? 'JSONRPCNotification' : 'JSONRPCRequest';
  const result = specTypeSchemas[type]['~standard'].validate(body);
  const issues = 'issues' in result ? result.issues : undefined;
  const detail = issues && cutText(issues.map(describeIssue).join('; '), MAX_DETAIL);
  return new ServiceError('message_not_accepted', { detail, reason: detail });
}

/** Names the member of `_meta` that is missing or wrong. */
function describeEnvelope(envelope: unknown): string | undefined {
  const missing = field(envelope, 'missing');
  const key = field(envelope, 'key');
  if (Array.isArray(missing)) return `${missing.join(', ')} is missing`;
  return key === undefined ? undefined : `${key}: ${field(envelope, 'problem')}`;
}

interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

function describeIssue({ path = [], message }: Issue): string {
  return path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`;
}

/** The SDK reports problems of params as JSON in its text, sometimes after a word. */
function describeIssues(text: string): string | undefined {
  const start = text.indexOf('[\n');
  if (start < 0) return undefined;
  try {
    const issues = JSON.parse(text.slice(start)) as Issue[];
    return issues.every(({ path }) => path?.[0] === 'params')
      ? issues.map(describeIssue).join('; ')
      : undefined;
  } catch {
    return undefined;
  }
}
