import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ServiceError } from '../errors.ts';
import { readBody } from './body.ts';
import { type ExchangeOptions, type ExchangeRequest, exchange } from './exchange.ts';
import type { UrlGuard } from './url-guard.ts';
import { createWire } from './wire.ts';

/** Maximum redirects to follow. */
const MAX_REDIRECTS = 5;

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** Fields that are sent to another origin as well; any other may be a credential. */
const FOR_ANYONE: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'user-agent',
]);

/** Called with each host that responded or that a redirect led to, with its port unless it is the scheme's default. */
export type OnHost = (host: string) => void;

export interface FetchOptions extends Omit<ExchangeOptions, 'wire' | 'secureContext'> {
  readonly guard: UrlGuard;
  readonly onHost?: OnHost | undefined;
  /** Largest body in bytes after decompression; the rest is cut off. */
  readonly maxBytes: number;
  /** Checks the `Content-Type` header of a response before its body is read. @default - any */
  readonly checkType?: (contentType: string) => void;
  /** The certificate authorities for a host. @default - those of the runtime, or `ca` */
  readonly trustOf?: (url: URL) => ExchangeOptions['secureContext'];
}

/** The result of a request, with the text still encoded. */
export interface Fetched {
  /** URL of the final response, after redirects. */
  readonly url: URL;
  readonly status: number;
  /** The `Content-Type` header, empty when there was none. */
  readonly contentType: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Uint8Array;
  readonly truncated: boolean;
}

/**
 * Sends a request through the guard. Every hop is checked again, name and addresses, before it is connected to. All
 * hops together may read twice `maxBytes` plus 256 KiB from the network. Redirects of GET and HEAD are followed;
 * another origin gets only header fields that contain no secret.
 *
 * @param signal ends the work at any point with its reason
 * @throws ServiceError `input_invalid`, `url_refused`, `redirect_refused`, `content_unsupported`, `upstream_failed`
 */
export async function guardedFetch(
  text: string,
  request: ExchangeRequest,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<Fetched> {
  const { guard, maxBytes } = options;
  const { method = 'GET' } = request;
  const wire = createWire(maxBytes);
  let url = guard.check(text);
  let headers: ExchangeRequest['headers'] = { 'accept-encoding': 'gzip, br', ...request.headers };
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const here = url;
    const addresses = await guard.resolve(here, signal).catch((error: unknown) => {
      throw redirects === 0 ? error : ofRedirect(error);
    });
    options.onStep?.('resolved');
    const hop = { ...options, wire, secureContext: options.trustOf?.(here) };
    const result = await exchange(here, addresses, { ...request, headers }, signal, hop, (response) => {
      options.onHost?.(here.host);
      return take(here, method, response, options);
    });
    if (typeof result !== 'string') {
      options.onStep?.('received');
      return result;
    }
    if (method !== 'GET' && method !== 'HEAD') throw refused(`of a ${method}`);
    url = redirectTarget(options, here, result);
    if (url.origin !== here.origin) {
      headers = Object.fromEntries(Object.entries(headers).filter(([name]) => FOR_ANYONE.has(name)));
    }
  }
  throw new ServiceError('upstream_failed', { reason: `more than ${MAX_REDIRECTS} redirects` });
}

/** The response, or the text of a `Location` to follow. The body of a redirect is never read. */
async function take(
  url: URL,
  method: string,
  response: IncomingMessage,
  { maxBytes, checkType }: FetchOptions,
): Promise<Fetched | string> {
  const { statusCode: status = 0, headers } = response;
  if (headers.location !== undefined && REDIRECTS.includes(status)) return headers.location;
  const contentType = headers['content-type'] ?? '';
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304 && headers['content-length'] !== '0';
  if (hasBody) checkType?.(contentType);
  const body = hasBody ? await readBody(response, maxBytes) : { bytes: Buffer.alloc(0), truncated: false };
  return { url, status, contentType, headers, ...body };
}

function redirectTarget({ guard, onHost }: FetchOptions, from: URL, location: string): URL {
  // Node reads header bytes as Latin-1; servers that send non-ASCII mean UTF-8 (WHATWG Fetch §2.2.5).
  const text = Buffer.from(location, 'latin1').toString('utf8');
  if (/[\p{Cc}\\]/u.test(text)) throw refused('control character or backslash in Location');
  const target = URL.parse(text, from.href);
  if (target === null) throw refused('Location is not a URL');
  onHost?.(target.host);
  if (from.protocol === 'https:' && target.protocol === 'http:') throw refused('from https to http');
  try {
    return guard.check(target.href);
  } catch (error) {
    throw ofRedirect(error);
  }
}

/**
 * Reports every refusal of a redirect target as `redirect_refused`: the page's author chose the target, not the client,
 * so it must not raise the alarm for denied calls.
 */
function ofRedirect(error: unknown): unknown {
  const isRefusal =
    error instanceof ServiceError && (error.code === 'url_refused' || error.code === 'input_invalid');
  return isRefusal ? refused(error.reason ?? error.code) : error;
}

function refused(reason: string): ServiceError {
  return new ServiceError('redirect_refused', { reason: `redirect: ${reason}` });
}
