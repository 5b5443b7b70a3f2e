import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Challenge, createChallenge } from './auth/challenge.ts';
import { createHashedTokenVerifier } from './auth/hashed-tokens.ts';
import { watchIssuer } from './auth/issuer-check.ts';
import { createKeysOfIssuer } from './auth/issuer-key-source.ts';
import { createOAuthTokenVerifier } from './auth/oauth-tokens.ts';
import {
  commonScopes,
  describeResource,
  metadataUrl,
  type ProtectedResource,
} from './auth/protected-resource.ts';
import { parseTokenDocument } from './auth/token-document.ts';
import type { TokenVerifier } from './auth/token-verifier.ts';
import { type Environment, EnvironmentError } from './environment.ts';
import { createLimiter } from './limits/create-limiter.ts';
import type { RateLimiter } from './limits/rate-limiter.ts';
import { MIN_AUDIT_KEY_BYTES } from './logging/audit-chain.ts';
import { AuditLog } from './logging/audit-log.ts';
import { createCallLog } from './logging/call-log.ts';
import { LineWriter } from './logging/line-writer.ts';
import { createLogger, describeError, type Logger } from './logging/logger.ts';
import { createRules, type RecordingRule, ruleOf } from './logging/recorded-arguments.ts';
import { type CallTool, createToolCaller } from './mcp/call-tool.ts';
import type { ServedTool } from './mcp/served-tool.ts';
import { createOwnTools, type OwnToolsParts } from './own-tools.ts';
import { available } from './secrets/available.ts';
import { createSecretCache, type SecretCache } from './secrets/secret-cache.ts';
import { createSecretSource, type ReadSecret, SecretError } from './secrets/sources.ts';
import { tools as ownTools } from './tools/index.ts';
import { createTurns } from './turns.ts';
import { LOCK_FILE, parseLock } from './upstream/lock.ts';
import { VERSION } from './version.ts';

/** Parts that the HTTP and the stdio server share. */
export interface Dependencies {
  readonly logger: Logger;
  readonly auditLog: AuditLog;
  readonly readSecret: SecretCache;
  readonly limiter: RateLimiter;
  readonly tools: readonly ServedTool[];
  readonly callTool: CallTool;
  readonly challenge: Challenge;
  /** Metadata that names the issuer, in oauth mode. */
  readonly resource?: ProtectedResource | undefined;
  /** Resolves when every admitted request has its audit record and every line is written. */
  flush(): Promise<void>;
}

/** Bytes of audit records that may wait for the log driver; about two thousand requests. */
const AUDIT_CAPACITY_BYTES = 16 * 1024 * 1024;
const LOG_CAPACITY_BYTES = 1024 * 1024;

const now = () => Date.now();
const monotonic = () => performance.now();

/** Builds everything from a checked environment. @throws SecretError when a secret cannot be read at start */
export async function createDependencies(
  environment: Environment,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<Dependencies> {
  const stderr = new LineWriter(2, LOG_CAPACITY_BYTES);
  // On stdio, standard output belongs to the protocol.
  const auditWriter = new LineWriter(environment.profile === 'stdio' ? 2 : 1, AUDIT_CAPACITY_BYTES);
  const logger = createLogger(stderr, now);
  const readSecret = createSecretCache({
    read: createSecretSource({ env: variables }),
    now: monotonic,
    logger,
  });
  const limiter = await createLimiter({
    store: environment.limits.store,
    service: environment.publicUrl.href,
    readSecret,
    now: monotonic,
    logger,
  });
  const turns = createTurns();
  const tools = [
    ...(await createOwnTools(environment, { readSecret, logger, turns })),
    ...(await createToolsOfServer(environment, { logger, turns })),
  ];
  refuseEqualNames(tools);
  const auditLog = new AuditLog({
    writer: auditWriter,
    key: await readAuditKey(environment, readSecret),
    ruleOf: createRules(recordingRules(tools)),
    now,
    logger,
  });
  const access = describeAccess(environment, tools);
  const callTool = createToolCaller({
    tools,
    limiter,
    limitPerMinute: environment.limits.toolLimitPerMinute,
    challenge: access.challenge,
    logger,
    started: createCallLog(stderr, now),
  });
  const flush = async () => void (await Promise.all([auditLog.settle(), stderr.flush()]));
  return { logger, auditLog, readSecret, limiter, tools, callTool, ...access, flush };
}

/** The access metadata: for clients that ask, and for those that are refused. */
function describeAccess({ oauth, publicUrl }: Environment, tools: readonly ServedTool[]) {
  if (oauth === undefined) return { challenge: createChallenge() };
  const toolScopes = tools.map((tool) => tool.scopes);
  const { issuer, scopePrefix } = oauth;
  return {
    challenge: createChallenge({
      resourceMetadata: metadataUrl(publicUrl),
      scopes: commonScopes(toolScopes),
      scopePrefix,
    }),
    resource: describeResource({ publicUrl, issuer, toolScopes, scopePrefix }),
  };
}

async function readAuditKey({ auditKey }: Environment, readSecret: ReadSecret) {
  if (auditKey === undefined) return createSecretKey(randomBytes(MIN_AUDIT_KEY_BYTES));
  const key = Buffer.from(await readSecret(auditKey));
  if (key.length < MIN_AUDIT_KEY_BYTES) {
    const rule = `must have at least ${MIN_AUDIT_KEY_BYTES} bytes, got ${key.length}`;
    throw new SecretError(auditKey, `MCP_AUDIT_KEY ${rule}`);
  }
  return createSecretKey(key);
}

/** The pinned tools of the MCP server behind this one, if there is one. @throws EnvironmentError on a bad lock */
async function createToolsOfServer(
  { server, scrape }: Environment,
  { logger, turns }: Omit<OwnToolsParts, 'readSecret'>,
): Promise<readonly ServedTool[]> {
  if (server === undefined) return [];
  const text = await readFile(LOCK_FILE, 'utf8').catch(() => {
    const fix = `npm run tools:pin -- --url ${server.url.href}`;
    throw new EnvironmentError([`MCP_SERVER_URL needs ${LOCK_FILE}, which pins the server's tools: ${fix}`]);
  });
  let locked: ReturnType<typeof parseLock>;
  try {
    locked = parseLock(text);
  } catch (error) {
    throw new EnvironmentError([(error as Error).message]);
  }
  // Only now, because no other start needs the SDK's client.
  const [{ createConnection }, { createPinnedTools }] = await Promise.all([
    import('./upstream/connection.ts'),
    import('./upstream/pinned-tools.ts'),
  ]);
  const connection = createConnection({ ...server, maxBytes: scrape.maxBytes, version: VERSION });
  return createPinnedTools({ connection, locked, turns, logger, now: monotonic });
}

/** How the arguments of each tool are recorded: of the served ones, and of those that a client may know from elsewhere. */
function recordingRules(served: readonly ServedTool[]): ReadonlyMap<string, RecordingRule> {
  return new Map([
    ...ownTools.map(({ name, needs }) => [name, ruleOf(needs?.record)] as const),
    ...served.map(({ entry, recording = ruleOf() }) => [entry.name, recording] as const),
  ]);
}

function refuseEqualNames(tools: readonly ServedTool[]): void {
  const names = tools.map(({ entry }) => entry.name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) {
    throw new EnvironmentError([
      `${twice.join(', ')} of ${LOCK_FILE} is a tool of this service too; leave it out of MCP_TOOLS`,
    ]);
  }
}

/** Returns the verifier of the token list. Reads the list once now, so that a bad reference fails the start. */
export async function createTokenVerifier(
  authTokens: NonNullable<Environment['authTokens']>,
  { readSecret, logger }: Dependencies,
): Promise<TokenVerifier> {
  const text = await readSecret(authTokens);
  try {
    parseTokenDocument(text);
  } catch (error) {
    throw new SecretError(authTokens, `MCP_AUTH_TOKENS: ${(error as Error).message}`);
  }
  const document = available((maxAgeMs) => readSecret.dated(authTokens, maxAgeMs));
  return createHashedTokenVerifier({ document, monotonic, now, logger });
}

/**
 * Returns the verifier of an issuer's tokens. The issuer is checked in the background: requests get 503 until its keys
 * are there.
 *
 * @param stopped stops the checks
 */
export function createOAuthVerifier(
  oauth: NonNullable<Environment['oauth']>,
  publicUrl: URL,
  { tools, logger }: Dependencies,
  stopped: AbortSignal,
): TokenVerifier {
  const keys = createKeysOfIssuer({ ...oauth, now: monotonic, logger });
  watchIssuer({ ...oauth, publicUrl, keys, logger }, stopped).catch((error: unknown) =>
    logger.error('issuer_check_failed', describeError(error)),
  );
  const scopes = new Set(tools.flatMap((tool) => tool.scopes));
  return createOAuthTokenVerifier({ ...oauth, scopes, keys, now });
}

/** The verifier of one development token, which may use every tool and does not expire. */
export function createDevTokenVerifier(token: string, { tools, logger }: Dependencies): TokenVerifier {
  const sha256 = createHash('sha256').update(token).digest('hex');
  const scopes = [...new Set(tools.flatMap((tool) => tool.scopes))];
  const document = JSON.stringify({
    tokens: [{ sha256, clientId: 'local', scopes, expiresAt: '9999-12-31T23:59:59Z' }],
  });
  const read = async () => ({ value: document, readAt: monotonic() });
  return createHashedTokenVerifier({ document: read, monotonic, now, logger });
}
