import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import {
  ACCESS_REFRESH_MS,
  type AccessList,
  createAccessList,
  EVERYTHING_ALLOWED,
} from './auth/access-list.ts';
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
import { LOCK_FILE } from './environment/server.ts';
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
import { createPromptGetter, type GetPrompt, type ServedPrompt, servedPrompt } from './mcp/get-prompt.ts';
import type { Rules } from './mcp/guard.ts';
import {
  createResourceReader,
  type ReadResource,
  type ServedResource,
  servedResource,
  uriOf,
} from './mcp/read-resource.ts';
import type { ServedTool } from './mcp/served-tool.ts';
import { createOwnTools, type OwnToolsParts } from './own-tools.ts';
import { createPrompts } from './prompts/index.ts';
import { createResources } from './resources/index.ts';
import { available } from './secrets/available.ts';
import { createSecretCache, type SecretCache } from './secrets/secret-cache.ts';
import { createSecretSource, type ReadSecret, SecretError } from './secrets/sources.ts';
import { tools as ownTools } from './tools/index.ts';
import { createTurns } from './turns.ts';
import type { Pinned } from './upstream/pinned.ts';

/** Parts that the HTTP and the stdio server share. */
export interface Dependencies {
  readonly logger: Logger;
  readonly auditLog: AuditLog;
  readonly readSecret: SecretCache;
  readonly access: AccessList;
  readonly limiter: RateLimiter;
  readonly tools: readonly ServedTool[];
  readonly callTool: CallTool;
  readonly resources: readonly ServedResource[];
  readonly readResource: ReadResource;
  readonly prompts: readonly ServedPrompt[];
  readonly getPrompt: GetPrompt;
  /** Compares the server behind this one with its lock. @returns whether it could be reached, or there is none */
  readonly compareServer: () => Promise<boolean>;
  readonly challenge: Challenge;
  /** Whether a tool exchanges the access token of its request. */
  readonly exchangesTokens: boolean;
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

/**
 * Builds everything from a checked environment.
 *
 * @param lockFile path of `tools.lock.json`. @default - in the folder in which the service starts
 * @throws SecretError when a secret cannot be read at start
 */
export async function createDependencies(
  environment: Environment,
  variables: Readonly<Record<string, string | undefined>>,
  lockFile: string = LOCK_FILE,
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
  const pinned = await createPinned(environment, lockFile, { logger, turns });
  const tools = [...(await createOwnTools(environment, { readSecret, logger, turns })), ...pinned.tools];
  const resources = [...createResources().map(servedResource), ...pinned.resources];
  const prompts = [...createPrompts().map(servedPrompt), ...pinned.prompts];
  refuseEqualNames('tool', tools, ({ entry }) => entry.name, 'leave it out of MCP_TOOLS');
  refuseEqualNames('resource', resources, ({ entry }) => uriOf(entry), 'remove one');
  refuseEqualNames('prompt', prompts, ({ entry }) => entry.name, 'remove one');
  const access = await openAccessList(environment, readSecret, logger);
  const auditLog = new AuditLog({
    writer: auditWriter,
    key: await readAuditKey(environment, readSecret),
    ruleOf: createRules(recordingRules(tools)),
    now,
    logger,
  });
  const metadata = describeAccess(environment, [...tools, ...resources, ...prompts]);
  const guard = {
    limiter,
    limitPerMinute: environment.limits.toolLimitPerMinute,
    challenge: metadata.challenge,
    logger,
    started: createCallLog(stderr, now),
  };
  const stages = {
    callTool: createToolCaller({ tools, access, ...guard }),
    readResource: createResourceReader({ resources, ...guard }),
    getPrompt: createPromptGetter({ prompts, ...guard }),
    compareServer: pinned.compare,
  };
  const flush = async () => void (await Promise.all([auditLog.settle(), stderr.flush()]));
  const offers = { tools, resources, prompts };
  const exchangesTokens = environment.tools.some(({ config }) => config.tokenExchange !== undefined);
  const parts = { logger, auditLog, readSecret, access, limiter, exchangesTokens };
  return { ...parts, ...offers, ...stages, ...metadata, flush };
}

/** The access metadata: for clients that ask, and for those that are refused. */
function describeAccess({ oauth, publicUrl }: Environment, offers: readonly Rules[]) {
  if (oauth === undefined) return { challenge: createChallenge() };
  const toolScopes = offers.map(({ scopes }) => scopes);
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

/** Reads the list of what is denied, now and then periodically as long as the process runs. */
async function openAccessList(
  { accessList }: Environment,
  readSecret: SecretCache,
  logger: Logger,
): Promise<AccessList> {
  if (accessList === undefined) return EVERYTHING_ALLOWED;
  try {
    const access = await createAccessList({ document: () => readSecret.dated(accessList, 0), now, logger });
    setInterval(() => void access.refresh(), ACCESS_REFRESH_MS).unref();
    return access;
  } catch (error) {
    if (error instanceof SecretError) throw error;
    throw new SecretError(accessList, `MCP_ACCESS_LIST: ${(error as Error).message}`);
  }
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

/** The pinned offers of the MCP server behind this one, if there is one. @throws EnvironmentError on a bad lock */
async function createPinned(
  { server }: Environment,
  lockFile: string,
  { logger, turns }: Omit<OwnToolsParts, 'readSecret'>,
): Promise<Pinned> {
  if (server === undefined) return { tools: [], resources: [], prompts: [], compare: async () => true };
  // Only now, because no other start needs the SDK's client.
  const { createOffersOfServer } = await import('./upstream/offers-of-server.ts');
  return createOffersOfServer({ ...server, lockFile, turns, logger, now: monotonic });
}

/** How the arguments of each tool are recorded: of the served ones, and of those that a client may know from elsewhere. */
function recordingRules(served: readonly ServedTool[]): ReadonlyMap<string, RecordingRule> {
  return new Map([
    ...ownTools.map(({ name, needs }) => [name, ruleOf(needs?.record)] as const),
    ...served.map(({ entry, recording = ruleOf() }) => [entry.name, recording] as const),
  ]);
}

function refuseEqualNames<T>(
  kind: string,
  items: readonly T[],
  nameOf: (item: T) => string,
  fix: string,
): void {
  const names = items.map(nameOf);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) {
    throw new EnvironmentError([
      `${twice.join(', ')} of ${LOCK_FILE} is a ${kind} of this service too; ${fix}`,
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
  { logger, ...offers }: Dependencies,
  stopped: AbortSignal,
): TokenVerifier {
  const keys = createKeysOfIssuer({ ...oauth, now: monotonic, logger });
  watchIssuer({ ...oauth, publicUrl, keys, logger }, stopped).catch((error: unknown) =>
    logger.error('issuer_check_failed', describeError(error)),
  );
  const scopes = allScopes(offers);
  return createOAuthTokenVerifier({ ...oauth, scopes, keys, now });
}

/** The scopes of everything that this server offers. */
function allScopes({
  tools,
  resources,
  prompts,
}: Pick<Dependencies, 'tools' | 'resources' | 'prompts'>): ReadonlySet<string> {
  return new Set([...tools, ...resources, ...prompts].flatMap(({ scopes }) => scopes));
}

/** The verifier of one development token, which may use everything and does not expire. */
export function createDevTokenVerifier(token: string, { logger, ...offers }: Dependencies): TokenVerifier {
  const sha256 = createHash('sha256').update(token).digest('hex');
  const scopes = [...allScopes(offers)];
  const document = JSON.stringify({
    tokens: [{ sha256, clientId: 'local', scopes, expiresAt: '9999-12-31T23:59:59Z' }],
  });
  const read = async () => ({ value: document, readAt: monotonic() });
  return createHashedTokenVerifier({ document: read, monotonic, now, logger });
}
