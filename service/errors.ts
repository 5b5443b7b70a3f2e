/** What the audit record says of a request. */
export type Outcome = 'ok' | 'tool_error' | 'denied' | 'rate_limited' | 'invalid' | 'timeout' | 'error';

interface ErrorRow {
  /** Status of the HTTP answer. What a tool refuses or fails at is answered on a 200, as the protocol asks. */
  readonly status: number;
  /** Status for clients of 2025-11-25 and older, where their revision asks for another. @default - status */
  readonly legacyStatus?: number;
  /**
   * Code of the JSON-RPC error. The reserved range is left to the protocol (MCP 2026-07-28 §Error Codes), so an
   * error of ours that JSON-RPC has no code for carries its HTTP status. Absent where a tool result says it.
   */
  readonly jsonRpcCode?: number;
  /** What the client reads, and what `textOf` adds to it. Nothing internal stands here. */
  readonly message: string;
  readonly outcome: Outcome;
}

const INVALID_REQUEST = -32_600;
const INVALID_PARAMS = -32_602;

/**
 * The one table: code → HTTP status → JSON-RPC code → text → audit outcome. What the SDK refuses by itself is
 * answered with a row of it as well (service/mcp/protocol-errors.ts). It is about requests to `/mcp`; other paths answer
 * 404 without a record, and what is no HTTP request is refused by Node (400, 408, 431).
 */
export const ERRORS = {
  host_not_allowed: row(403, INVALID_REQUEST, 'Send a Host header that names this server', 'denied'),
  origin_not_allowed: row(
    403,
    INVALID_REQUEST,
    'Pages of this Origin may not call this server; ask its operator to allow them',
    'denied',
  ),
  method_not_allowed: row(405, INVALID_REQUEST, 'Send a POST request', 'invalid'),
  not_acceptable: row(406, INVALID_REQUEST, 'Send Accept: application/json, text/event-stream', 'invalid'),
  unsupported_media_type: row(
    415,
    INVALID_REQUEST,
    'Send Content-Type: application/json, uncompressed, UTF-8',
    'invalid',
  ),
  body_too_large: row(413, INVALID_REQUEST, 'Send a smaller request body', 'invalid'),
  body_not_read: row(
    400,
    INVALID_REQUEST,
    'Send the whole request body; it did not arrive completely',
    'invalid',
  ),
  body_too_deep: row(400, INVALID_REQUEST, 'Send JSON nested at most 64 levels deep', 'invalid'),
  message_not_accepted: row(
    400,
    INVALID_REQUEST,
    'Send one JSON-RPC 2.0 request with a string or integer id, or a notification',
    'invalid',
  ),
  expectation_failed: row(417, INVALID_REQUEST, 'Send Expect: 100-continue or no Expect header', 'invalid'),
  parse_error: row(400, -32_700, 'Send valid JSON as the request body', 'invalid'),
  batch_not_supported: row(
    400,
    INVALID_REQUEST,
    'Send one JSON-RPC message in a request, not a batch',
    'invalid',
  ),
  header_mismatch: row(400, -32_020, 'Send this header with the value that the body has', 'invalid'),
  capability_missing: row(400, -32_021, 'Declare the client capabilities that this call needs', 'invalid'),
  unsupported_protocol_version: row(
    400,
    -32_022,
    'Use a protocol version that this server speaks',
    'invalid',
  ),
  meta_invalid: row(400, INVALID_PARAMS, 'Send params._meta as MCP 2026-07-28 requires', 'invalid'),
  params_invalid: row(200, INVALID_PARAMS, 'Send params that fit the method', 'invalid'),
  method_unknown: {
    ...row(
      404,
      -32_601,
      'There is no method of that name; this server has tools/list and tools/call',
      'invalid',
    ),
    legacyStatus: 200,
  },
  tool_unknown: row(200, INVALID_PARAMS, 'There is no tool of that name; see tools/list', 'invalid'),
  // Not an attempt at anything: a sign-in with OAuth begins with it, since the answer says where to get a token.
  token_missing: row(401, 401, 'Send an Authorization: Bearer header', 'invalid'),
  token_malformed: row(
    400,
    INVALID_REQUEST,
    'Send one Authorization header of the form: Bearer TOKEN',
    'denied',
  ),
  token_invalid: row(401, 401, 'The access token is not valid; get a new one', 'denied'),
  insufficient_scope: row(403, 403, 'The access token lacks a scope that this tool needs', 'denied'),
  address_rate_limited: row(429, 429, 'Too many refused tokens from this address', 'rate_limited'),
  client_rate_limited: row(429, 429, 'Too many requests', 'rate_limited'),
  tool_rate_limited: row(429, 429, 'Too many calls of this tool', 'rate_limited'),
  client_busy: row(429, 429, 'Too many requests at once', 'rate_limited'),
  server_busy: row(503, 503, 'This server is busy', 'error'),
  audit_unavailable: row(503, 503, 'The audit log does not keep up', 'error'),
  secret_unavailable: row(503, 503, 'A dependency of this server is not available', 'error'),
  limits_unavailable: row(503, 503, 'The limits cannot be checked now', 'error'),
  shutting_down: row(503, 503, 'This server is restarting', 'error'),
  issuer_unavailable: row(503, 503, 'The authorization server cannot be reached from here', 'error'),
  internal_error: row(500, -32_603, 'Internal error', 'error'),

  input_invalid: tool('The arguments do not fit the tool', 'invalid'),
  url_refused: tool('This URL may not be fetched from here', 'denied'),
  redirect_refused: tool('This URL may not be fetched from here', 'tool_error'),
  selector_invalid: tool('The selector is not a CSS selector this tool accepts', 'invalid'),
  content_unsupported: tool('The page is not HTML or text', 'tool_error'),
  content_too_complex: tool('The page is nested too deeply or has too many elements', 'tool_error'),
  upstream_failed: tool('The page could not be fetched', 'tool_error'),
  deadline_exceeded: tool('The tool did not finish in time', 'timeout'),
  // Whoever hangs up must not be able to ring the alarm for errors.
  cancelled: tool('The call was cancelled', 'tool_error'),
  tool_failed: tool('The tool failed', 'error'),
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
  readonly detail?: string | undefined;
  /** Member `data` of the JSON-RPC error, where the protocol asks for one. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** Header fields of the refusal, such as `Retry-After` and `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
  /** Request that a client may quote to the operator; only the text of a failure of this server names it. */
  readonly requestId?: string;
}

/** A refusal or failure with a stable code. Its message is the text a client may read. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;
  readonly #options: ServiceErrorOptions;

  constructor(code: ErrorCode, options: ServiceErrorOptions = {}) {
    super(textOf(ERRORS[code], options), { cause: options.cause });
    this.code = code;
    this.#options = options;
  }

  get row(): ErrorRow {
    return ERRORS[this.code];
  }

  get reason(): string | undefined {
    return this.#options.reason;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#options.headers ?? {};
  }

  /** The same error as the answer to a request. A new object, because one failure may end several requests. */
  answering(requestId: string): ServiceError {
    if (!isOurFault(this.row) || this.#options.requestId !== undefined) return this;
    return new ServiceError(this.code, { ...this.#options, cause: this.cause, requestId });
  }

  /** The JSON-RPC error of it: all that a client may know, however it comes to be serialized. */
  toJSON(): { code: number; message: string; data?: Readonly<Record<string, unknown>> } {
    const seconds = this.headers['Retry-After'];
    const data = { ...this.#options.data, ...(seconds && { retryAfterSeconds: Number(seconds) }) };
    const some = Object.keys(data).length > 0;
    return { code: this.row.jsonRpcCode ?? -32_603, message: this.message, ...(some ? { data } : {}) };
  }
}

/**
 * The whole text. Clients show it to people and models, and no header: so the seconds to wait and the request to quote
 * stand here too, and no row can go without them.
 */
function textOf(row: ErrorRow, { detail, headers, requestId }: ServiceErrorOptions): string {
  const text = detail === undefined ? row.message : `${row.message}: ${detail}`;
  const seconds = headers?.['Retry-After'];
  if (seconds !== undefined) return `${text}; retry in ${seconds} s`;
  if (row.status === 429 || row.status === 503) return `${text}; retry later`;
  return requestId !== undefined && isOurFault(row)
    ? `${text}; quote request ${requestId} to the operator`
    : text;
}

/** Whether only the operator can find out what went wrong; at 503 waiting helps. */
function isOurFault({ outcome, status }: ErrorRow): boolean {
  return outcome === 'error' && status !== 503;
}
