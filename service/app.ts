import express, { type Express } from 'express';
import type { AccessList } from './auth/access-list.ts';
import type { Challenge } from './auth/challenge.ts';
import type { ProtectedResource } from './auth/protected-resource.ts';
import type { TokenVerifier } from './auth/token-verifier.ts';
import { HEALTH_PATH, METADATA_PATHS } from './environment/bounds.ts';
import { type AuditSink, audit } from './http/audit.ts';
import { authenticate } from './http/authenticate.ts';
import { checkAccess } from './http/check-access.ts';
import { limitBodies, limitCalls, limitLargeBodies } from './http/concurrency.ts';
import { allowBrowsers } from './http/cors.ts';
import { lastError, notFound, respondWithError } from './http/error-response.ts';
import { type CallerLimits, limitCaller } from './http/rate-limit.ts';
import { parseBody, readBody } from './http/read-body.ts';
import { type BeginRequestOptions, beginRequest } from './http/request-context.ts';
import { resourceMetadata } from './http/resource-metadata.ts';
import { checkTransport, onlyPost, type TransportOptions } from './http/transport.ts';
import { endWithUnreadBody } from './http/unread-body.ts';
import type { AuthFailureLimit } from './limits/auth-failure-limit.ts';
import type { ConcurrencyLimits } from './limits/concurrency-limits.ts';
import type { RateLimiter } from './limits/rate-limiter.ts';
import type { FastPath } from './mcp/fast-path.ts';
import { protocol } from './mcp/handle-message.ts';
import type { McpServerFactory } from './mcp/server.ts';

export interface AppOptions extends BeginRequestOptions, CallerLimits {
  readonly transport: TransportOptions;
  readonly auditLog: AuditSink;
  readonly verifier: TokenVerifier;
  /** Callers, tools and protocol versions that are denied now. */
  readonly access: AccessList;
  /** The oldest accepted protocol revision. @default - every one that the SDK supports */
  readonly minimumProtocolVersion?: string | undefined;
  readonly challenge: Challenge;
  /** Whether a tool exchanges the access token of its request. @default false */
  readonly exchangesTokens?: boolean | undefined;
  /** Metadata that names the issuer to clients. @default - none: the operator issues tokens */
  readonly resource?: ProtectedResource | undefined;
  /** Limits refused tokens by source address; above the limit unknown tokens are not checked. */
  readonly authFailureLimit: AuthFailureLimit;
  readonly limiter: RateLimiter;
  /** Limits on the bodies and calls that are in memory at once. */
  readonly concurrency: ConcurrencyLimits;
  readonly createServer: McpServerFactory;
  /** Answers common messages without the SDK. */
  readonly fastPath: FastPath;
}

/** The pipeline, in the order in which a request meets it. */
export function createApp(options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('strict routing').enable('case sensitive routing');

  const { maxBodyBytes } = options.transport;

  app.all(
    '/mcp',
    beginRequest(options),
    // Before every stage that can refuse: a stage above this one would refuse without a record.
    audit(options.auditLog),
    allowBrowsers(options.transport.allowsOrigin),
    checkTransport(options.transport),
    authenticate(
      options.verifier,
      options.challenge,
      options.authFailureLimit,
      options.exchangesTokens ?? false,
    ),
    // Before the limits, so that a denied caller uses up none of its client's limits.
    checkAccess(options.access),
    // Before the last check of a head, so that its refusals are limited too.
    limitCaller(options.limiter, options),
    onlyPost,
    limitBodies(options.concurrency),
    readBody(maxBodyBytes),
    limitLargeBodies(options.concurrency),
    parseBody,
    protocol(
      options.createServer,
      options.fastPath,
      { access: options.access, minimum: options.minimumProtocolVersion },
      limitCalls(options.concurrency),
      options.logger,
    ),
    respondWithError(options.logger, maxBodyBytes),
  );
  app.use((request, response, next) => {
    endWithUnreadBody(request, response, maxBodyBytes);
    next();
  });
  // The load balancer's health check comes without a token and with the task's address as Host.
  app.get(HEALTH_PATH, (_request, response) => {
    response.type('application/json').send('{"status":"ok"}');
  });
  if (options.resource !== undefined) {
    // Also at the root, for clients that do not append the resource's path (MCP, Authorization Server Discovery).
    app.all([...METADATA_PATHS], resourceMetadata(options.resource));
  }
  app.use(notFound, lastError(options.logger));
  return app;
}
