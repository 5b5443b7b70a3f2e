import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { ServiceError } from '../errors.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import { contextOf, recordError } from './context.ts';
import { sendJson } from './send-response.ts';
import { endWithUnreadBody } from './unread-body.ts';

/**
 * Last stage: responds to an error with its row of the error table. An unknown error is logged as `internal_error`.
 *
 * @param maxBodyBytes largest unread body that Node may discard to keep the connection, in bytes
 */
export function respondWithError(logger: Logger, maxBodyBytes: number): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    const context = contextOf(response);
    const error = toServiceError(thrown).forRequest(context.requestId);
    if (error.code === 'internal_error') {
      logger.error('request_failed', {
        requestId: context.requestId,
        ...describeError(error.cause ?? error),
      });
    }
    recordError(context, error);
    if (response.headersSent) {
      // The headers are already sent. A closed connection tells the client that the response is incomplete.
      response.destroy();
      return;
    }
    endWithUnreadBody(request, response, maxBodyBytes);
    if (error.code === 'body_too_large') response.setHeader('Connection', 'close');
    const { status, legacyStatus = status } = error.row;
    const body = JSON.stringify({ jsonrpc: '2.0', error, id: context.rpcId ?? null });
    sendJson(body, response, context, context.legacy ? legacyStatus : status, error.headers);
  };
}

/**
 * Responses on other paths, in the form of an OAuth error (RFC 6749 §5.2): clients that were refused at `/mcp` try to
 * register or sign in here, and show the description to a person.
 */
const ELSEWHERE = {
  not_found:
    'Only /mcp is served, and no client is registered here: get a token from the operator, or from the authorization server that the metadata names',
  internal_error: 'Internal error; tell the operator of this server the time of this error',
} as const;

/** Handles every path that is not served. These requests are not audited: only `/mcp` is the service. */
export const notFound: RequestHandler = (_request, response) => sendElsewhere(response, 404, 'not_found');

/** Handles errors that no stage has caught: logs the error and sends none of it. Express would respond with a page. */
export function lastError(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, _request, response, _next) => {
    logger.error('request_failed', describeError(thrown));
    if (response.headersSent) response.destroy();
    else sendElsewhere(response, 500, 'internal_error');
  };
}

function sendElsewhere(response: Response, status: number, error: keyof typeof ELSEWHERE): void {
  response.status(status).json({ error, error_description: ELSEWHERE[error] });
}

function toServiceError(thrown: unknown): ServiceError {
  return thrown instanceof ServiceError ? thrown : new ServiceError('internal_error', { cause: thrown });
}
