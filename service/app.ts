import express, { type Express } from 'express';
import type { Challenge } from './auth/challenge.ts';
import { METADATA_PATH, type ProtectedResource } from './auth/protected-resource.ts';
import type { TokenVerifier } from './auth/token-verifier.ts';
import type { DirectAnswer } from './direct-answer.ts';
import type { AuthFailureLimit } from './limits/auth-failure-limit.ts';
import type { ConcurrencyLimits } from './limits/concurrency-limits.ts';
import type { RateLimiter } from './limits/rate-limiter.ts';
import type { McpServerFactory } from './mcp-server.ts';
import { answerError, lastError, notFound } from './pipeline/answer-error.ts';
import { type AuditSink, audit } from './pipeline/audit.ts';
import { authenticate } from './pipeline/authenticate.ts';
import { limitBodies, limitCalls, limitLargeBodies } from './pipeline/concurrency.ts';
import { allowBrowsers } from './pipeline/cors.ts';
import { protocol } from './pipeline/protocol.ts';
import { limitClient } from './pipeline/rate-limit.ts';
import { parseBody, readBody } from './pipeline/read-body.ts';
import { type BeginRequestOptions, beginRequest } from './pipeline/request-context.ts';
import { resourceMetadata } from './pipeline/resource-metadata.ts';
import { checkTransport, onlyPost, type TransportOptions } from './pipeline/transport.ts';
import { endWithUnreadBody } from './unread-body.ts';

export interface AppOptions extends BeginRequestOptions {
  readonly transport: TransportOptions;
  readonly auditLog: AuditSink;
  readonly verifier: TokenVerifier;
  readonly challenge: Challenge;
  /** What clients are told of the issuer. @default - nothing: tokens are handed out by people */
  readonly resource?: ProtectedResource | undefined;
  /** Refused tokens that one address may send before the verifier looks at no more of its unknown tokens. */
  readonly authFailureLimit: AuthFailureLimit;
  readonly limiter: RateLimiter;
  /** Requests one client may make in any 60 s. */
  readonly clientLimitPerMinute: number;
  /** How much is in memory at once. */
  readonly concurrency: ConcurrencyLimits;
  readonly createServer: McpServerFactory;
  /** Spares the protocol objects where it can. */
  readonly answerDirectly: DirectAnswer;
}

/** The pipeline, in the order in which a request meets it. */
export function createApp(options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('strict routing').enable('case sensitive routing');

  const { maxBodyBytes } = options.transport;

  app.all(
    '/mcp',
    beginRequest(options),
    // Before everything that can refuse: a stage mounted above it would refuse without a record.
    audit(options.auditLog),
    allowBrowsers(options.transport.allowsOrigin),
    checkTransport(options.transport),
    authenticate(options.verifier, options.challenge, options.authFailureLimit),
    // Before the last refusal of a head, so that no client has unlimited ones.
    limitClient(options.limiter, options.clientLimitPerMinute),
    onlyPost,
    limitBodies(options.concurrency),
    readBody(maxBodyBytes),
    limitLargeBodies(options.concurrency),
    parseBody,
    protocol(options.createServer, options.answerDirectly, limitCalls(options.concurrency), options.logger),
    answerError(options.logger, maxBodyBytes),
  );
  app.use((request, response, next) => {
    endWithUnreadBody(request, response, maxBodyBytes);
    next();
  });
  // The load balancer's health check comes without a token and with the task's address as Host.
  app.get('/healthz', (_request, response) => {
    response.type('application/json').send('{"status":"ok"}');
  });
  if (options.resource !== undefined) {
    // At the root too, for clients that do not put the path behind it (MCP, discovery of authorization servers).
    app.all([METADATA_PATH, `${METADATA_PATH}/mcp`], resourceMetadata(options.resource));
  }
  app.use(notFound, lastError(options.logger));
  return app;
}
