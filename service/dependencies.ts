import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { createHashedTokenVerifier } from './auth/hashed-tokens.ts';
import { parseTokenDocument } from './auth/token-document.ts';
import type { TokenVerifier } from './auth/token-verifier.ts';
import type { Environment } from './environment.ts';
import { AuditLog } from './logging/audit-log.ts';
import { LineWriter } from './logging/line-writer.ts';
import { createLogger, type Logger } from './logging/logger.ts';
import { type CallTool, createToolCaller } from './pipeline/call-tool.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { createDirectEngine } from './scrape/direct.ts';
import type { ScrapeEngine } from './scrape/engine.ts';
import { createWebScrapingAiEngine } from './scrape/webscraping-ai.ts';
import { createSecretCache } from './secrets/secret-cache.ts';
import { createSecretSource, type ReadSecret } from './secrets/sources.ts';
import { createSlidingWindow } from './sliding-window.ts';
import { createTools } from './tools/index.ts';
import type { Tool } from './tools/tool.ts';

/** What both faces of the service, HTTP and stdio, are made of. */
export interface Dependencies {
  readonly logger: Logger;
  readonly auditLog: AuditLog;
  readonly readSecret: ReadSecret;
  readonly limiter: RateLimiter;
  readonly tools: readonly Tool[];
  readonly callTool: CallTool;
  /** Resolves when every audit record and log line so far is written. */
  flush(): Promise<void>;
}

/** Audit records waiting for the log driver; about two thousand requests. */
const AUDIT_CAPACITY_BYTES = 16 * 1024 * 1024;
const LOG_CAPACITY_BYTES = 1024 * 1024;
/** HMAC-SHA-256 gains nothing from more and loses from less (RFC 2104 §3). */
const MIN_AUDIT_KEY_BYTES = 32;

const now = () => Date.now();

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
    now: () => performance.now(),
    logger,
  });
  const key = await readAuditKey(environment, readSecret);
  const auditLog = new AuditLog({ writer: auditWriter, key, now, logger });
  const limiter = createSlidingWindow(now);
  const tools = createTools(createEngine(environment, readSecret), {
    deadlineMs: environment.scrape.timeoutMs,
  });
  const callTool = createToolCaller({
    tools,
    limiter,
    limitPerMinute: environment.toolLimitPerMinute,
    logger,
  });
  const flush = async () => void (await Promise.all([auditWriter.flush(), stderr.flush()]));
  return { logger, auditLog, readSecret, limiter, tools, callTool, flush };
}

async function readAuditKey({ auditKey }: Environment, readSecret: ReadSecret) {
  if (auditKey === undefined) return createSecretKey(randomBytes(MIN_AUDIT_KEY_BYTES));
  const key = Buffer.from(await readSecret(auditKey));
  if (key.length < MIN_AUDIT_KEY_BYTES) {
    throw new Error(
      `the secret of MCP_AUDIT_KEY must have at least ${MIN_AUDIT_KEY_BYTES} bytes, got ${key.length}`,
    );
  }
  return createSecretKey(key);
}

function createEngine({ scrape }: Environment, readSecret: ReadSecret): ScrapeEngine {
  const { apiKey } = scrape;
  if (scrape.engine === 'direct' || apiKey === undefined) return createDirectEngine(scrape);
  return createWebScrapingAiEngine({ ...scrape, apiKey: () => readSecret(apiKey) });
}

/** The verifier of the configured token list, read once now so that a bad reference stops the start. */
export async function createTokenVerifier(
  authTokens: NonNullable<Environment['authTokens']>,
  { readSecret, logger }: Dependencies,
): Promise<TokenVerifier> {
  const document = (maxAgeMs?: number) => readSecret(authTokens, maxAgeMs);
  parseTokenDocument(await document());
  return createHashedTokenVerifier({ document, now, logger });
}

/** The verifier of one development token, which may use every tool and does not expire. */
export function createDevTokenVerifier(token: string, { tools, logger }: Dependencies): TokenVerifier {
  const sha256 = createHash('sha256').update(token).digest('hex');
  const scopes = [...new Set(tools.flatMap((tool) => tool.scopes))];
  const document = JSON.stringify({
    tokens: [{ sha256, clientId: 'local', scopes, expiresAt: '9999-12-31T23:59:59Z' }],
  });
  return createHashedTokenVerifier({ document: async () => document, now, logger });
}
