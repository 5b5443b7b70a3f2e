/** What the audit record says of a request. */
export type Outcome = 'ok' | 'tool_error' | 'denied' | 'rate_limited' | 'invalid' | 'timeout' | 'error';

interface ErrorRow {
  /** Status of the HTTP answer. What a tool refuses or fails at is answered on a 200, as the protocol asks. */
  readonly status: number;
  /**
   * Code of the JSON-RPC error. The reserved range is left to the protocol (MCP 2026-07-28 §Error Codes), so an
   * error of ours that JSON-RPC has no code for carries its HTTP status. Absent where a tool result says it.
   */
  readonly jsonRpcCode?: number;
  /** What the client reads. Nothing internal stands here. */
  readonly message: string;
  readonly outcome: Outcome;
}

const INVALID_REQUEST = -32_600;

/** The one table: code → HTTP status → JSON-RPC code → text → audit outcome. */
export const ERRORS = {
  host_not_allowed: row(403, INVALID_REQUEST, 'Host is not this server', 'denied'),
  origin_not_allowed: row(403, INVALID_REQUEST, 'Origin is not allowed', 'denied'),
  method_not_allowed: row(405, INVALID_REQUEST, 'Send a POST request', 'invalid'),
  unsupported_media_type: row(
    415,
    INVALID_REQUEST,
    'Send Content-Type: application/json, uncompressed, UTF-8',
    'invalid',
  ),
  body_too_large: row(413, INVALID_REQUEST, 'The request body is too large', 'invalid'),
  body_not_read: row(400, INVALID_REQUEST, 'The request body did not arrive completely', 'invalid'),
  message_not_accepted: row(
    400,
    INVALID_REQUEST,
    'Send a JSON-RPC request with an id, or a notification',
    'invalid',
  ),
  expectation_failed: row(417, INVALID_REQUEST, 'Send no Expect header but 100-continue', 'invalid'),
  parse_error: row(400, -32_700, 'The request body is not valid JSON', 'invalid'),
  batch_not_supported: row(
    400,
    INVALID_REQUEST,
    'Send one JSON-RPC message in a request, not a batch',
    'invalid',
  ),
  token_missing: row(401, 401, 'Send an Authorization: Bearer header', 'denied'),
  token_malformed: row(
    400,
    INVALID_REQUEST,
    'Send one Authorization header of the form: Bearer TOKEN',
    'denied',
  ),
  token_invalid: row(401, 401, 'The access token is not valid', 'denied'),
  insufficient_scope: row(403, 403, 'The access token lacks a scope that this tool needs', 'denied'),
  client_rate_limited: row(
    429,
    429,
    'Too many requests; retry after the time in Retry-After',
    'rate_limited',
  ),
  tool_rate_limited: row(
    429,
    429,
    'Too many calls of this tool; retry after the time in Retry-After',
    'rate_limited',
  ),
  params_invalid: row(200, -32_602, 'The parameters do not fit the method', 'invalid'),
  method_unknown: row(404, -32_601, 'Method not found', 'invalid'),
  tool_unknown: row(200, -32_602, 'There is no tool of that name', 'invalid'),
  audit_unavailable: row(503, 503, 'The audit log does not keep up; retry later', 'error'),
  secret_unavailable: row(503, 503, 'A dependency of this server is not available; retry later', 'error'),
  shutting_down: row(503, 503, 'This server is restarting; retry', 'error'),
  issuer_unavailable: row(
    503,
    503,
    'The authorization server cannot be reached from here; retry later',
    'error',
  ),
  internal_error: row(500, -32_603, 'Internal error; quote the X-Request-Id header to the operator', 'error'),

  input_invalid: tool('The arguments do not fit the tool', 'invalid'),
  url_refused: tool('This URL may not be fetched from here', 'denied'),
  selector_invalid: tool('The selector is not a CSS selector this tool accepts', 'invalid'),
  content_unsupported: tool('The page is not HTML or text', 'tool_error'),
  content_too_complex: tool('The page is nested too deeply or has too many elements', 'tool_error'),
  upstream_failed: tool('The page could not be fetched', 'tool_error'),
  deadline_exceeded: tool('The tool did not finish in time', 'timeout'),
  // Whoever hangs up must not be able to ring the alarm for errors.
  cancelled: tool('The call was cancelled', 'tool_error'),
  tool_failed: tool('The tool failed; quote the request id to the operator', 'error'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

function row(status: number, jsonRpcCode: number, message: string, outcome: Outcome): ErrorRow {
  return { status, jsonRpcCode, message, outcome };
}

function tool(message: string, outcome: Outcome): ErrorRow {
  return { status: 200, message, outcome };
}

export interface ServiceErrorOptions {
  /** Why, for the audit record and the operator; never sent to a client. */
  readonly reason?: string;
  /** What the client may know beyond the table's text: which argument is wrong and how. */
  readonly detail?: string;
  /** Header fields of the refusal, such as `Retry-After` and `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A refusal or failure with a stable code. Its message is the text a client may read. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;
  readonly reason: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, options: ServiceErrorOptions = {}) {
    const { message } = ERRORS[code];
    super(options.detail === undefined ? message : `${message}: ${options.detail}`, { cause: options.cause });
    this.code = code;
    this.reason = options.reason;
    this.headers = options.headers ?? {};
  }

  get row(): ErrorRow {
    return ERRORS[this.code];
  }
}
