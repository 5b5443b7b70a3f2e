import type { RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import { headerValues } from '../header-values.ts';
import { quoted } from '../logging/json-line.ts';
import { FIRST_STATELESS_REVISION } from '../version.ts';
import { contextOf } from './context.ts';

export interface TransportOptions {
  /** Host names this server answers to, without port, lower case; IPv6 in brackets. */
  readonly hosts: ReadonlySet<string>;
  /** Whether a browser page of this origin may call; requests without `Origin` are not from browsers and pass. */
  readonly allowsOrigin: (origin: string) => boolean;
  /** Largest request body in bytes. */
  readonly maxBodyBytes: number;
}

/**
 * What can be refused from the head of a request alone, before anything of its body is read: a foreign `Host` or
 * `Origin` (DNS rebinding), any method but POST, a client that takes no JSON, a body that is not JSON, compressed or
 * too large.
 */
export function checkTransport(options: TransportOptions): RequestHandler {
  return (request, response, next) => {
    const { headers } = request;
    // RFC 9112 §3.2: a second Host, or a target that names a host of its own, makes it unclear who is meant.
    if (headerValues(request, 'host').length > 1 || !request.originalUrl.startsWith('/')) {
      throw new ServiceError('host_not_allowed', {
        reason: 'more than one Host, or an absolute request target',
      });
    }
    const host = /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.exec(headers.host ?? '')?.[1]?.toLowerCase();
    if (host === undefined || !options.hosts.has(host)) {
      throw new ServiceError('host_not_allowed', { reason: `Host ${quoted(headers.host)}` });
    }
    if (headers.origin !== undefined && !options.allowsOrigin(headers.origin)) {
      throw new ServiceError('origin_not_allowed', { reason: `Origin ${quoted(headers.origin)}` });
    }
    if (request.method !== 'POST') {
      throw new ServiceError('method_not_allowed', {
        reason: quoted(request.method),
        headers: { Allow: 'POST' },
      });
    }
    // Clients list both types in every revision. Since 2026-07-28 nothing streams unless it was asked for.
    const { accept, 'mcp-protocol-version': version = '' } = headers;
    const streams = Boolean(request.accepts('text/event-stream'));
    if (!request.accepts('application/json') || !(streams || version >= FIRST_STATELESS_REVISION)) {
      throw new ServiceError('not_acceptable', { reason: `Accept ${quoted(accept)}` });
    }
    contextOf(response).jsonOnly = !streams;
    if (!isUtf8Json(headers['content-type']) || headers['content-encoding'] !== undefined) {
      const reason = `Content-Type ${quoted(headers['content-type'])}, Content-Encoding ${quoted(headers['content-encoding'])}`;
      throw new ServiceError('unsupported_media_type', { reason });
    }
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

/** `application/json`, which is UTF-8 unless it says otherwise; other parameters mean nothing to it (RFC 8259 §11). */
function isUtf8Json(contentType = ''): boolean {
  const [type, ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const charsets = parameters.filter((parameter) => parameter.startsWith('charset'));
  return type === 'application/json' && charsets.every((charset) => /^charset="?utf-?8"?$/.test(charset));
}
