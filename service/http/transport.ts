import type { Request, RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import { quoted } from '../logging/json-line.ts';
import { acceptedOf } from './accept.ts';
import { contextOf } from './context.ts';
import { headerValues } from './header-values.ts';
import { joinRepeated } from './repeated-headers.ts';

export interface TransportOptions {
  /** Host names this server responds to, without port, lower case; IPv6 in brackets. */
  readonly hosts: ReadonlySet<string>;
  /** Whether a browser page of this origin may call. Requests without `Origin` do not come from browsers, and pass. */
  readonly allowsOrigin: (origin: string) => boolean;
  /** Largest request body in bytes. */
  readonly maxBodyBytes: number;
}

/** Methods besides POST that clients before 2026-07-28 use to open a stream or end a session. */
const EARLIER_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE']);

/**
 * Refuses requests by their headers alone, before the body is read: a foreign `Host` or `Origin` (DNS rebinding), a
 * method that no revision has, an unacceptable `Accept`, a body that is not JSON, is compressed or is too large.
 */
export function checkTransport(options: TransportOptions): RequestHandler {
  return (request, response, next) => {
    checkHost(request, options.hosts);
    const { headers } = request;
    if (headers.origin !== undefined && !options.allowsOrigin(headers.origin)) {
      throw new ServiceError('origin_not_allowed', { reason: `Origin ${quoted(headers.origin)}` });
    }
    if (request.method !== 'POST') {
      if (!EARLIER_METHODS.has(request.method)) refuseMethod(request);
      next();
      return;
    }
    joinRepeated(request);
    const { json, events } = acceptedOf(headers.accept);
    if (!json && !events)
      throw new ServiceError('not_acceptable', { reason: `Accept ${quoted(headers.accept)}` });
    const context = contextOf(response);
    context.jsonOnly = !events;
    context.eventsOnly = !json;
    if (!isUtf8Json(headers['content-type']) || !isIdentity(headers['content-encoding'])) {
      const reason = `Content-Type ${quoted(headers['content-type'])}, Content-Encoding ${quoted(headers['content-encoding'])}`;
      throw new ServiceError('unsupported_media_type', { reason });
    }
    delete headers['content-encoding'];
    if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
      throw new ServiceError('expectation_failed', { reason: `Expect ${quoted(headers.expect)}` });
    }
    if (Number(headers['content-length'] ?? 0) > options.maxBodyBytes) {
      throw new ServiceError('body_too_large', {
        reason: `Content-Length ${quoted(headers['content-length'])}`,
        detail: `at most ${options.maxBodyBytes} bytes`,
      });
    }
    next();
  };
}

/** Runs after authentication: clients that got 401 look for a stream with GET, and show the response to it. */
export const onlyPost: RequestHandler = (request, _response, next) => {
  if (request.method !== 'POST') refuseMethod(request);
  next();
};

function refuseMethod({ method }: Request): never {
  throw new ServiceError('method_not_allowed', { reason: quoted(method), headers: { Allow: 'POST' } });
}

/**
 * Refuses a request for another server. A request target may contain a host (RFC 9112 §3.2.2), which takes precedence
 * over `Host`. If the two differ the request is refused, because a proxy may use the other one.
 */
function checkHost(request: Request, hosts: ReadonlySet<string>): void {
  const [given, ...more] = headerValues(request, 'host');
  const { originalUrl: target } = request;
  const named = target.startsWith('/') ? given : /^https?:\/\/([^/?#]*)[/?]/i.exec(target)?.[1];
  const host = /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.exec(named ?? '')?.[1]?.toLowerCase();
  const unclear = more.length > 0 || (given !== undefined && given.toLowerCase() !== named?.toLowerCase());
  if (unclear || host === undefined || !hosts.has(host)) {
    const reason = unclear ? 'more than one host' : `Host ${quoted(named)}`;
    throw new ServiceError('host_not_allowed', { reason });
  }
}

/**
 * `application/json`, which is UTF-8 unless a charset says otherwise; other parameters have no meaning (RFC 8259 §11).
 */
function isUtf8Json(contentType = ''): boolean {
  if (contentType === 'application/json') return true;
  const [type, ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const charsets = parameters.filter((parameter) => parameter.startsWith('charset'));
  return type === 'application/json' && charsets.every((charset) => /^charset="?utf-?8"?$/.test(charset));
}

/** Whether the body is not encoded. A client may send `identity`, although RFC 9110 §8.4.1 discourages it. */
function isIdentity(contentEncoding = ''): boolean {
  return contentEncoding.split(',').every((coding) => /^\s*(?:identity)?\s*$/i.test(coding));
}
