import type { IncomingHttpHeaders } from 'node:http';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { ServiceError } from '../errors.ts';
import type { CallTrace } from '../trace.ts';
import { VERSION } from '../version.ts';
import { type Fetched, guardedFetch, type OnHost } from './guarded-fetch.ts';
import { type AllowedHost, createHostGuard } from './host-guard.ts';
import type { TcpConnect } from './open.ts';
import type { Resolver } from './resolver.ts';

/** A request of a tool. */
export interface ToolFetchOptions {
  /** @default GET */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /**
   * Fields of the request. Fields of the connection, such as `host` and `content-length`, are set here and refused.
   *
   * @default - `accept` for any type
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as UTF-8; at most 1 MiB. @default - none */
  readonly body?: string | Uint8Array;
  /** Largest body of the response in bytes, after decompression, 1–2097152; a larger one fails. @default 1048576 */
  readonly maxBytes?: number;
  /** Ends the request earlier than the call's own signal does. @default - the call's signal */
  readonly signal?: AbortSignal;
}

/** Sends a request to a host of the tool, and reads the whole response. */
export type ToolFetch = (url: string | URL, options?: ToolFetchOptions) => Promise<Response>;

/** The part of a call that a request needs. */
export interface FetchingCall {
  readonly signal: AbortSignal;
  readonly noteFinalHost: OnHost;
  /** Sent to internal hosts. */
  readonly trace: CallTrace;
}

export interface ToolFetcherOptions {
  readonly hosts: readonly AllowedHost[];
  /** Certificate authorities in PEM for internal hosts, besides those of the runtime. @default - none */
  readonly caCertificates?: string | undefined;
  /** @default - the system's DNS servers */
  readonly resolve?: Resolver | undefined;
  /** @default - node:net */
  readonly connect?: TcpConnect | undefined;
  /** Certificate authorities in PEM for all hosts; tests replace it. @default - those of the runtime */
  readonly ca?: string | undefined;
}

const DEFAULT_BYTES = 1024 * 1024;
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_REQUEST_BYTES = 1024 * 1024;
/** Fields that belong to the connection, or that a proxy would read. */
const OURS =
  /^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|accept-encoding|proxy-.*)$/;
/** Statuses whose responses have no body (WHATWG Fetch §2.2.3). */
const NO_BODY: readonly number[] = [204, 205, 304];
/** Fields that describe the body as it came, which the response has decoded. */
const OF_ENCODING: readonly string[] = ['content-encoding', 'content-length', 'transfer-encoding'];

/**
 * Makes the `fetch` of a tool. It connects to the tool's hosts only, checks every address, follows redirects among those
 * hosts, uses no proxy, and bounds the bytes of request and response. Every request has a connection of its own.
 *
 * Errors that the caller may read are ServiceErrors: `url_refused`, `redirect_refused`, `fetch_failed`. Any status of the
 * response is a result.
 */
export function createToolFetcher(options: ToolFetcherOptions): (call: FetchingCall) => ToolFetch {
  const { hosts, caCertificates, resolve, connect, ca } = options;
  const guard = createHostGuard(hosts, resolve);
  let internal: SecureContext | undefined;
  // Made at the first use and then kept: it parses all authorities of the runtime.
  const trustOf = (url: URL) => {
    if (caCertificates === undefined || !guard.isInternal(url)) return undefined;
    internal ??= createSecureContext({ ca: [...rootCertificates, caCertificates] });
    return internal;
  };
  const isInternal = (url: string | URL) => {
    const parsed = URL.parse(String(url));
    return parsed !== null && guard.isInternal(parsed);
  };
  const edge = { ...(connect && { connect }), ...(ca !== undefined && { ca }) };
  return (call) =>
    async (url, { method = 'GET', headers = {}, body, maxBytes = DEFAULT_BYTES, signal } = {}) => {
      refuseMisuse(headers, body, maxBytes);
      const traced = isInternal(url) ? { traceparent: call.trace.traceparent, ...headers } : headers;
      const request = { method, headers: fieldsOf(traced), body: bodyOf(method, body) };
      const ends = signal === undefined ? call.signal : AbortSignal.any([call.signal, signal]);
      const sent = { ...edge, guard, trustOf, maxBytes, onHost: call.noteFinalHost };
      let fetched: Fetched;
      try {
        fetched = await guardedFetch(String(url), request, sent, ends);
      } catch (error) {
        throw ofTool(error);
      }
      if (fetched.truncated) throw failed(`more than ${maxBytes} bytes`);
      return responseOf(fetched);
    };
}

/** @throws TypeError, which is the tool's fault */
function refuseMisuse(
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array | undefined,
  maxBytes: number,
): void {
  const ours = Object.keys(headers).find((name) => OURS.test(name.toLowerCase()));
  if (ours !== undefined) throw new TypeError(`fetch sets the header ${ours} itself; remove it`);
  if (!(Number.isInteger(maxBytes) && maxBytes >= 1 && maxBytes <= MAX_BYTES)) {
    throw new TypeError(`maxBytes must be a whole number from 1 to ${MAX_BYTES}, got ${maxBytes}`);
  }
  const bytes = body === undefined ? 0 : Buffer.byteLength(body);
  if (bytes > MAX_REQUEST_BYTES) {
    throw new TypeError(`a request body must have at most ${MAX_REQUEST_BYTES} bytes, got ${bytes}`);
  }
}

function fieldsOf(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { 'user-agent': `hardened-mcp/${VERSION}`, accept: '*/*', ...Object.fromEntries(own) };
}

/** A method that usually has a body says so when it has none. */
function bodyOf(method: string, body: string | Uint8Array | undefined): string | Uint8Array | undefined {
  return body ?? (method === 'POST' || method === 'PUT' || method === 'PATCH' ? '' : undefined);
}

function responseOf({ url, status, headers, bytes }: Fetched): Response {
  if (status > 599) throw failed(`status ${status}`);
  const response = new Response(NO_BODY.includes(status) ? null : new Uint8Array(bytes), {
    status,
    headers: headersOf(headers),
  });
  // A constructed response has none.
  Object.defineProperty(response, 'url', { value: url.href });
  return response;
}

function headersOf(fields: IncomingHttpHeaders): Headers {
  const headers = new Headers();
  for (const [name, value = []] of Object.entries(fields)) {
    if (OF_ENCODING.includes(name)) continue;
    for (const each of Array.isArray(value) ? value : [value]) headers.append(name, each);
  }
  return headers;
}

/** The errors of a page's fetch speak of pages. */
function ofTool(error: unknown): unknown {
  if (!(error instanceof ServiceError)) return error;
  if (error.code === 'upstream_failed' || error.code === 'content_unsupported') {
    return failed(error.reason ?? error.code);
  }
  // The tool made the URL, not the client.
  return error.code === 'input_invalid' ? new TypeError(`not a URL to fetch: ${error.reason}`) : error;
}

function failed(reason: string): ServiceError {
  return new ServiceError('fetch_failed', { reason: `fetch: ${reason}` });
}
