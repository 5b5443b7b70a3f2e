import { type JSONRPCErrorResponse, specTypeSchemas, type Transport } from '@modelcontextprotocol/server';
import { type ErrorCode, ServiceError } from '../errors.ts';
import { quoted } from '../logging/json-line.ts';
import { cutText } from '../well-formed.ts';

type ProtocolError = JSONRPCErrorResponse['error'];

/** Rows for what the SDK refuses by itself, by the code it gives. */
const ROWS = new Map<number, ErrorCode>([
  [-32_600, 'message_not_accepted'],
  [-32_601, 'method_unknown'],
  [-32_602, 'params_invalid'],
  [-32_020, 'header_mismatch'],
  [-32_021, 'capability_missing'],
  [-32_022, 'unsupported_protocol_version'],
]);

/** Of the texts of the SDK, what tells apart errors that have one code. */
const OWN_FAULT = /^(Invalid tools\/call result|Output validation error)/;
const ENVELOPE = /_meta envelope|per-request envelope/;
const BODY_VERSION = /envelope names protocol version (\d{4}-\d{2}-\d{2}) /;
const HEADER_NAME = /\b(MCP-Protocol-Version|Mcp-[\w-]+) header/;

/** Longest detail in characters: it names what the client sent, which may be long. */
const MAX_DETAIL = 300;
const MAX_VERSION = 64;

/**
 * Lets no error leave but rows of the table, whoever made it: the tool stage, the SDK, or an exception, whose text the
 * SDK would send. Costs good answers nothing.
 *
 * @param refused hears of each error and returns the one to send
 */
export function answerFromTable<T extends Transport>(
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
 * The row of an error that the SDK is about to send. Its own texts are for the operator: some are dumps of a schema
 * library, some repeat what the client sent, and that of an exception may hold anything.
 */
export function fromProtocol({ code, message, data }: ProtocolError): ServiceError {
  // What the tool stage refuses with comes as it is.
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
  // Params of a handler that do not fit are an internal error to the SDK; a bad result of ours are invalid params.
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

/** @param supported what this server speaks; a client chooses of it */
export function unsupportedVersion(supported: readonly string[], requested: string): ServiceError {
  return new ServiceError('unsupported_protocol_version', {
    reason: `version ${quoted(requested)}`,
    detail: supported.join(', '),
    data: { supported, requested: cutText(requested, MAX_VERSION) },
  });
}

/** Why a body is no message of the protocol: which member, and what is wrong with it. */
export function messageNotAccepted(body: unknown): ServiceError {
  const { id, method } = (body ?? {}) as { id?: unknown; method?: unknown };
  const notification = id === undefined && typeof method === 'string' && method.startsWith('notifications/');
  const type = notification ? 'JSONRPCNotification' : 'JSONRPCRequest';
  const result = specTypeSchemas[type]['~standard'].validate(body);
  const issues = 'issues' in result ? result.issues : undefined;
  const detail = issues && cutText(issues.map(describeIssue).join('; '), MAX_DETAIL);
  return new ServiceError('message_not_accepted', { detail, reason: detail });
}

/** Which member of `_meta` is missing or wrong. */
function describeEnvelope(envelope: unknown): string | undefined {
  const { key, problem, missing } = (envelope ?? {}) as Record<string, unknown>;
  if (Array.isArray(missing)) return `${missing.join(', ')} is missing`;
  return key === undefined ? undefined : `${key}: ${problem}`;
}

interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

function describeIssue({ path = [], message }: Issue): string {
  return path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`;
}

/** The SDK puts what is wrong with a request's params into its text as JSON, some of it behind a word of its own. */
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
