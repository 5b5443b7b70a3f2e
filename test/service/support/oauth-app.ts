import type { AccessList } from '../../../service/auth/access-list.ts';
import { createChallenge } from '../../../service/auth/challenge.ts';
import { createKeysOfIssuer } from '../../../service/auth/issuer-key-source.ts';
import type { IssuerKeys } from '../../../service/auth/issuer-keys.ts';
import { createOAuthTokenVerifier } from '../../../service/auth/oauth-tokens.ts';
import { commonScopes, describeResource, metadataUrl } from '../../../service/auth/protected-resource.ts';
import type { TokenVerifier } from '../../../service/auth/token-verifier.ts';
import type { ConcurrencyLimits } from '../../../service/limits/concurrency-limits.ts';
import type { Logger } from '../../../service/logging/logger.ts';
import { type ServedTool, served } from '../../../service/mcp/served-tool.ts';
import type { Tool } from '../../../service/tools/tool.ts';
import { AUDIENCE } from './issuer.ts';
import { leaks } from './leaks.ts';
import { type RunningApp, startApp } from './start-app.ts';
import { TEST_TOOLS } from './tools.ts';

export interface MemoryLog extends Logger {
  /** Every line so far, as JSON. */
  readonly lines: string[];
}

export function createMemoryLog(): MemoryLog {
  const lines: string[] = [];
  leaks.output({ where: 'log in memory', read: () => lines.join('\n') });
  const log = (level: string) => (event: string, fields?: object) =>
    void lines.push(JSON.stringify({ level, event, ...fields }));
  return { lines, info: log('info'), warn: log('warn'), error: log('error') };
}

export interface OAuthVerifierOptions {
  readonly issuer: string;
  readonly audience?: string;
  /** The scopes that tools need. @default - those of TEST_TOOLS */
  readonly scopes?: readonly string[];
  readonly scopePrefix?: string;
  readonly jwksUrl?: URL;
  /** Wall clock in milliseconds. */
  readonly now?: () => number;
  /** Monotonic clock in milliseconds. */
  readonly monotonic?: () => number;
  readonly logger?: Logger;
}

/** The production verifier, and its keys. */
export function oauthVerifier(options: OAuthVerifierOptions): { verifier: TokenVerifier; keys: IssuerKeys } {
  const { issuer, audience = AUDIENCE, now = Date.now, logger = createMemoryLog(), scopePrefix } = options;
  const monotonic = options.monotonic ?? (() => performance.now());
  const keys = createKeysOfIssuer({ issuer, jwksUrl: options.jwksUrl, now: monotonic, logger });
  const scopes = new Set(options.scopes ?? TEST_TOOLS.flatMap((tool) => tool.scopes));
  return {
    verifier: createOAuthTokenVerifier({ issuer, audience, scopes, scopePrefix, keys, now }),
    keys,
  };
}

export interface OAuthAppOptions extends OAuthVerifierOptions {
  /** The URL for clients. @default - the audience */
  readonly publicUrl?: string;
  readonly port?: number;
  /** @default - nothing is denied */
  readonly access?: AccessList;
  readonly authFailureLimitPerMinute?: number;
  readonly clientLimitPerMinute?: number;
  readonly userLimitPerMinute?: number;
  readonly toolLimitPerMinute?: number;
  readonly concurrency?: ConcurrencyLimits;
  readonly exchangesTokens?: boolean;
  /** @default - TEST_TOOLS */
  readonly tools?: readonly (Tool | ServedTool)[];
}

/** The production pipeline in oauth mode, with test tools. */
export function startOAuthApp(options: OAuthAppOptions): Promise<RunningApp> {
  const publicUrl = new URL(options.publicUrl ?? options.audience ?? AUDIENCE);
  const tools = options.tools ?? TEST_TOOLS;
  const toolScopes = tools.map((tool) => served(tool).scopes);
  return startApp({
    verifier: oauthVerifier({ scopes: toolScopes.flat(), ...options }).verifier,
    challenge: createChallenge({
      resourceMetadata: metadataUrl(publicUrl),
      scopes: commonScopes(toolScopes),
      scopePrefix: options.scopePrefix,
    }),
    resource: describeResource({ ...options, publicUrl, toolScopes }),
    tools,
    ...(options.access && { access: options.access }),
    ...(options.port === undefined ? {} : { port: options.port }),
    authFailureLimitPerMinute: options.authFailureLimitPerMinute ?? 10_000,
    clientLimitPerMinute: options.clientLimitPerMinute ?? 10_000,
    userLimitPerMinute: options.userLimitPerMinute ?? 10_000,
    toolLimitPerMinute: options.toolLimitPerMinute ?? 1000,
    ...(options.concurrency && { concurrency: options.concurrency }),
    exchangesTokens: options.exchangesTokens,
  });
}
