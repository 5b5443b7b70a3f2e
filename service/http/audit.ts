import type { RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';
import type { AuditEvent } from '../logging/audit-log.ts';
import { contextOf, type RequestContext, recordError } from './context.ts';

/** Where records go. See AuditLog for the reservation that `admit` makes. */
export interface AuditSink {
  admit(): boolean;
  record(event: AuditEvent): void;
}

/**
 * Second stage, so that refusals of all later stages are recorded. It writes the record when the response is sent or
 * the client has disconnected. Without room for a record the request is refused (503).
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
    traceId: context.trace?.traceId,
    clientId: context.principal?.clientId,
    userId: context.principal?.user?.subject,
    sourceIp: context.sourceIp,
    protocolVersion: context.protocolVersion,
    method: context.method,
    tool: context.tool,
    resource: context.resource,
    prompt: context.prompt,
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
