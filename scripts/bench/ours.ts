import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { z } from 'zod';
import { createApp } from '../../service/app.ts';
import { EVERYTHING_ALLOWED } from '../../service/auth/access-list.ts';
import { createChallenge } from '../../service/auth/challenge.ts';
import { createHashedTokenVerifier } from '../../service/auth/hashed-tokens.ts';
import { createIssuerKeys } from '../../service/auth/issuer-keys.ts';
import { createOAuthTokenVerifier } from '../../service/auth/oauth-tokens.ts';
import type { TokenVerifier } from '../../service/auth/token-verifier.ts';
import { createAuthFailureLimit } from '../../service/limits/auth-failure-limit.ts';
import { createConcurrencyLimits } from '../../service/limits/concurrency-limits.ts';
import { createSlidingWindow } from '../../service/limits/sliding-window.ts';
import { AuditLog } from '../../service/logging/audit-log.ts';
import { createCallLog } from '../../service/logging/call-log.ts';
import { LineWriter } from '../../service/logging/line-writer.ts';
import { createLogger } from '../../service/logging/logger.ts';
import { createToolCaller } from '../../service/mcp/call-tool.ts';
import { createFastPath } from '../../service/mcp/fast-path.ts';
import { createMcpServerFactory } from '../../service/mcp/server.ts';
import { listen } from '../../service/serve/http-server.ts';
import { createSelfSignedCertificate } from '../../service/serve/self-signed.ts';
import type { Tool } from '../../service/tools/tool.ts';
import { started } from './started.ts';

// This server with all security and a trivial tool, assembled like service/main.ts does for the deployed profile.

const [auth, scheme, count] = process.argv.slice(2) as ['tokens' | 'oauth', 'http' | 'https', string];
/** So high that a run never reaches it: the cost of counting is measured. */
const LIMIT = 1_000_000;
/** Those of the smallest task with the defaults (`roomFor`). */
const ROOM = { maxConcurrent: 8, smallBodies: 16, largeBodies: 8 };
const AUDIENCE = 'https://mcp.example.com/mcp';
const ISSUER = 'https://issuer.example.com';

const input = z.strictObject({ name: z.string().min(1).max(100) });
const output = z.strictObject({ greeting: z.string() });
function hello(name: string): Tool<typeof input, typeof output> {
  return {
    ...{ name, title: 'Hello', description: 'Greets', input, output, scopes: ['hello'], deadlineMs: 20_000 },
    handle: async ({ name: who }) => ({ text: `Hello ${who}`, structured: { greeting: `Hello ${who}` } }),
  };
}
const tools = Array.from({ length: Number(count) }, (_, index) =>
  hello(index === 0 ? 'hello' : `hello_${index}`),
);

const now = () => Date.now();
const monotonic = () => performance.now();
const stderr = new LineWriter(2, 1024 * 1024);
const logger = createLogger(stderr, now);
const auditLog = new AuditLog({
  writer: new LineWriter(1, 16 * 1024 * 1024),
  key: createSecretKey(randomBytes(32)),
  now,
  logger,
});
const limiter = createSlidingWindow(monotonic);
const challenge = createChallenge();
const callTool = createToolCaller({
  tools,
  limiter,
  limitPerMinute: LIMIT,
  challenge,
  logger,
  started: createCallLog(stderr, now),
});

async function tokens(): Promise<{ verifier: TokenVerifier; token: string }> {
  const token = randomBytes(32).toString('base64url');
  const sha256 = createHash('sha256').update(token).digest('hex');
  const entry = { sha256, clientId: 'bench', scopes: ['hello'], expiresAt: '2999-01-01T00:00:00Z' };
  const document = { value: JSON.stringify({ tokens: [entry] }), readAt: monotonic() };
  const fresh = async () => ({ ...document, readAt: monotonic() });
  return { verifier: createHashedTokenVerifier({ document: fresh, monotonic, now, logger }), token };
}

async function oauth(): Promise<{ verifier: TokenVerifier; token: string }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' };
  const keys = createIssuerKeys({ load: async () => [jwk], now: monotonic, logger });
  const scopes = new Set(['hello']);
  const token = await new SignJWT({ client_id: 'bench', scope: 'hello' })
    .setProtectedHeader({ alg: 'ES256', kid: 'bench', typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject('bench')
    .setJti('1')
    .setIssuedAt()
    .setExpirationTime('2h')
    .sign(privateKey);
  return {
    verifier: createOAuthTokenVerifier({ issuer: ISSUER, audience: AUDIENCE, scopes, keys, now }),
    token,
  };
}

const { verifier, token } = await (auth === 'oauth' ? oauth() : tokens());
const app = createApp({
  transport: { hosts: new Set(['127.0.0.1']), allowsOrigin: () => false, maxBodyBytes: 65_536 },
  trustedHops: 0,
  access: EVERYTHING_ALLOWED,
  auditLog,
  verifier,
  challenge,
  authFailureLimit: createAuthFailureLimit({ limitPerMinute: 10, now: monotonic }),
  limiter,
  clientLimitPerMinute: LIMIT,
  userLimitPerMinute: LIMIT,
  concurrency: createConcurrencyLimits(ROOM),
  createServer: createMcpServerFactory({ tools, callTool, version: '0.0.0' }),
  fastPath: createFastPath({ tools, callTool, version: '0.0.0' }),
  logger,
  shutdown: new AbortController().signal,
});
const tls = scheme === 'https' ? await createSelfSignedCertificate() : undefined;
const { port } = await listen(app, { host: '127.0.0.1', port: 0, tls });
started({ address: () => ({ port }) }, token);
