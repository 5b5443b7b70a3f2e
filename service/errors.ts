/** Outcome of a request in the audit record. */
export type Outcome = 'ok' | 'tool_error' | 'denied' | 'rate_limited' | 'invalid' | 'timeout' | 'error';

interface ErrorRow {
  /** Status of the HTTP response. Refusals and failures of a tool have status 200, as the protocol requires. */
  readonly status: number;
  /** Status for clients of 2025-11-25 and older, where their revision requires another. @default - status */
  readonly legacyStatus?: number;
  /**
   * Code of the JSON-RPC error. The reserved range is left to the protocol (MCP 2026-07-28 §Error Codes), so an error
   * of ours without a JSON-RPC code has its HTTP status as its code. Absent where a tool result carries the error; where
   * a resource or a prompt has it, the code is -32603.
   */
  readonly jsonRpcCode?: number;
  /** Text for the client, which `textOf` completes. Contains nothing internal. */
  readonly message: string;
  readonly outcome: Outcome;
}

const INVALID_REQUEST = -32_600;
const INVALID_PARAMS = -32_602;

/**
 * The only table of errors: code → HTTP status → JSON-RPC code → text → audit outcome. Refusals by the SDK are mapped
 * to a row as well (service/mcp/protocol-errors.ts). It covers requests to `/mcp`. Other paths get 404 without a
 * record, and Node refuses malformed HTTP (400, 408, 431).
 */
export const ERRORS = {
  host_not_allowed: row(403, INVALID_REQUEST, 'Send a Host header that names this server', 'denied'),
  origin_not_allowed: row(
    403,
    INVALID_REQUEST,
    'Origin not allowed; ask the operator of this server to allow it',
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
  header_mismatch: row(400, -32_020, 'Send this header with the same value as the body', 'invalid'),
  capability_missing: row(400, -32_021, 'Declare the client capabilities that this call needs', 'invalid'),
  unsupported_protocol_version: row(
    400,
    -32_022,
    'Use a protocol version that this server supports',
    'invalid',
  ),
  meta_invalid: row(400, INVALID_PARAMS, 'Send params._meta as MCP 2026-07-28 requires', 'invalid'),
  params_invalid: row(200, INVALID_PARAMS, 'Send params that are valid for the method', 'invalid'),
  method_unknown: {
    ...row(404, -32_601, 'Unknown method; see the capabilities of this server', 'invalid'),
    legacyStatus: 200,
  },
  tool_unknown: row(200, INVALID_PARAMS, 'Unknown tool; see tools/list', 'invalid'),
  // Not -32002, which MCP 2026-07-28 has replaced; clients of older revisions show the text of any error.
  resource_unknown: row(200, INVALID_PARAMS, 'Unknown resource; see resources/list', 'invalid'),
  prompt_unknown: row(200, INVALID_PARAMS, 'Unknown prompt; see prompts/list', 'invalid'),
  // Not an attack: an OAuth sign-in begins with this request, and the response says where to get a token.
  token_missing: row(401, 401, 'Send an Authorization: Bearer header', 'invalid'),
  token_malformed: row(
    400,
    INVALID_REQUEST,
    'Send one Authorization header in the form: Bearer TOKEN',
    'denied',
  ),
  token_invalid: row(401, 401, 'The access token is not valid; get a new one', 'denied'),
  // By the list of what is denied (service/auth/access-list.ts): the caller, the tool or the protocol version.
  access_denied: row(403, 403, 'The operator of this server has denied access', 'denied'),
  insufficient_scope: row(403, 403, 'The access token lacks a scope that this call needs', 'denied'),
  address_rate_limited: row(429, 429, 'Too many refused tokens from this address', 'rate_limited'),
  client_rate_limited: row(429, 429, 'Too many requests', 'rate_limited'),
  tool_rate_limited: row(429, 429, 'Too many calls of this tool', 'rate_limited'),
  resource_rate_limited: row(429, 429, 'Too many reads of this resource', 'rate_limited'),
  prompt_rate_limited: row(429, 429, 'Too many calls of this prompt', 'rate_limited'),
  client_busy: row(429, 429, 'Too many requests at once', 'rate_limited'),
  server_busy: row(503, 503, 'This server is busy', 'error'),
  audit_unavailable: row(503, 503, 'Audit log unavailable', 'error'),
  secret_unavailable: row(503, 503, 'A dependency of this server is not available', 'error'),
  limits_unavailable: row(503, 503, 'The rate limits cannot be checked now', 'error'),
  shutting_down: row(503, 503, 'This server is restarting', 'error'),
  issuer_unavailable: row(503, 503, 'The authorization server cannot be reached', 'error'),
  internal_error: row(500, -32_603, 'Internal error', 'error'),
  resource_changed: row(
    200,
    -32_603,
    'The resource is not as it was reviewed; the operator must review it again',
    'error',
  ),
  prompt_changed: row(
    200,
    -32_603,
    'The prompt is not as it was reviewed; the operator must review it again',
    'error',
  ),
  resource_failed: row(200, -32_603, 'The resource could not be read', 'error'),
  prompt_failed: row(200, -32_603, 'The prompt could not be made', 'error'),

  input_invalid: tool('The arguments do not fit the tool', 'invalid'),
  url_refused: tool('This URL may not be fetched from here', 'denied'),
  redirect_refused: tool('This URL may not be fetched from here', 'tool_error'),
  selector_invalid: tool('The selector is not a CSS selector this tool accepts', 'invalid'),
  content_unsupported: tool('The page is not HTML or text', 'tool_error'),
  content_too_complex: tool('The page is nested too deeply or has too many elements', 'tool_error'),
  upstream_failed: tool('The page could not be fetched', 'tool_error'),
  fetch_failed: tool('A system that the tool needs did not respond as expected', 'tool_error'),
  upstream_token_refused: tool(
    'The authorization server gave no token for the system behind the tool; sign in again, or ask for access',
    'tool_error',
  ),
  tool_changed: tool('The tool is not as it was reviewed; the operator must review it again', 'error'),
  server_unavailable: tool('The server behind this one cannot be reached', 'error'),
  server_refused: tool('The server behind this one refused the call', 'tool_error'),
  result_not_accepted: tool('The result is not valid or too large', 'error'),
  deadline_exceeded: tool('The call did not finish in time', 'timeout'),
  // A client that disconnects must not be able to raise the alarm for errors.
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
  /** Reason for the audit record and the operator; never sent to a client. */
  readonly reason?: string;
  /** Addition to the table's text that the client may read: which argument is wrong, and why. */
  readonly detail?: string | undefined;
  /** Member `data` of the JSON-RPC error, where the protocol requires it. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** Header fields of the response, such as `Retry-After` and `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
  /**
   * Id of the request, for a client to quote to the operator. Only failures of this server include it in their text.
   */
  readonly requestId?: string;
}

/** A refusal or failure with a stable code. Its message is text that the client may read. */
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

  /** This error with the id of the request that it ends. A new object, because one failure may end several requests. */
  forRequest(requestId: string): ServiceError {
    if (!isOurFault(this.row) || this.#options.requestId !== undefined) return this;
    return new ServiceError(this.code, { ...this.#options, cause: this.cause, requestId });
  }

  /** The JSON-RPC error: everything that the client may read, however the error is serialized. */
  toJSON(): { code: number; message: string; data?: Readonly<Record<string, unknown>> } {
    const seconds = this.headers['Retry-After'];
    const data = { ...this.#options.data, ...(seconds && { retryAfterSeconds: Number(seconds) }) };
    const some = Object.keys(data).length > 0;
    return { code: this.row.jsonRpcCode ?? -32_603, message: this.message, ...(some ? { data } : {}) };
  }
}

/**
 * The complete text. Clients show it to people and models, but not the headers. So the seconds to wait and the id of
 * the request are in the text too, for every row.
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

/** Whether only the operator can find the cause. At 503 the client can wait instead. */
function isOurFault({ outcome, status }: ErrorRow): boolean {
  return outcome === 'error' && status !== 503;
}
