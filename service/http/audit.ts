import type { RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import type { AuditEvent } from '../logging/audit-log.ts';
import { contextOf, type RequestContext, recordError } from './context.ts';

/** Where records go; see AuditLog for the reservation that `admit` makes. */
export interface AuditSink {
  admit(): boolean;
  record(event: AuditEvent): void;
}

/**
 * Second stage, so that the refusals of all later ones are recorded; it writes when the answer has left or the
 * client has gone. No room for a record means no service (503).
 */
export function audit(sink: AuditSink): RequestHandler {
  return (_request, response, next) => {
    if (!sink.admit()) throw new ServiceError('audit_unavailable', { headers: { 'Retry-After': '5' } });
    const context = contextOf(response);
    const write = () => {
      const { reason } = context.signal;
      if (context.outcome === undefined && reason instanceof ServiceError) recordError(context, reason);
      sink.record(auditEventOf(context));
    };
    context.ended.addEventListener('abort', write, { once: true });
    next();
  };
}

/** The record of a finished request. */
export function auditEventOf(context: RequestContext): AuditEvent {
  return {
    requestId: context.requestId,
    clientId: context.principal?.clientId,
    sourceIp: context.sourceIp,
    protocolVersion: context.protocolVersion,
    method: context.method,
    tool: context.tool,
    arguments: context.arguments,
    host: context.host,
    finalHost: context.finalHost,
    outcome: context.outcome ?? 'ok',
    errorCode: context.errorCode,
    reason: context.reason,
    durationMs: performance.now() - context.startedAt,
    resultBytes: context.resultBytes,
  };
}
