import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { createApp } from './app.ts';
import {
  createDependencies,
  createDevTokenVerifier,
  createOAuthVerifier,
  createTokenVerifier,
  type Dependencies,
} from './dependencies.ts';
import { LOCK_FILE, MAX_RESPONSE_BYTES } from './environment/server.ts';
import { type Environment, EnvironmentError, type Profile, parseEnvironment } from './environment.ts';
import { createAuthFailureLimit } from './limits/auth-failure-limit.ts';
import { createConcurrencyLimits, roomFor } from './limits/concurrency-limits.ts';
import { describeError } from './logging/logger.ts';
import { createFastPath } from './mcp/fast-path.ts';
import { createMcpServerFactory } from './mcp/server.ts';
import { SecretError } from './secrets/sources.ts';
import { announce, notReached } from './serve/announce.ts';
import { listen } from './serve/http-server.ts';
import { createSelfSignedCertificate } from './serve/self-signed.ts';
import { serveDesktopClient } from './serve/stdio-server.ts';
import { onStopRequest } from './serve/stop-request.ts';
import { TIMEOUTS } from './serve/timeouts.ts';
import { explainListenError, USAGE } from './serve/usage.ts';
import { canonicalAddress } from './source-address.ts';
import { VERSION } from './version.ts';

const PROFILES: readonly Profile[] = ['deployed', 'local', 'stdio'];

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(USAGE);
    return;
  }
  const [, , given = 'deployed', extra] = process.argv;
  const profile = PROFILES.find((name) => name === given);
  if (profile === undefined || extra !== undefined) {
    throw new EnvironmentError([
      `the only argument must be local, stdio or absent, got ${JSON.stringify(extra ?? given)}; options are variables, see --help`,
    ]);
  }
  const environment = parseEnvironment(profile, process.env);
  const dependencies = await createDependencies(environment, process.env, lockFile(profile));
  const stopped = new Promise<string>((resolve) => {
    onStopRequest(resolve, process.env['npm_lifecycle_event']);
  });
  void dependencies.compareServer().then((reached) => {
    if (!reached && profile !== 'deployed') process.stderr.write(notReached(environment.server?.url.href));
  });
  if (profile === 'stdio') {
    const { stdin: input, stdout: output } = process;
    await serveDesktopClient({ ...dependencies, version: VERSION, input, output, stopped });
  } else {
    await serveHttp(environment, dependencies, stopped);
  }
  dependencies.limiter.close();
  const flushed = dependencies.flush().then(() => true);
  const stalled = new Promise<false>((resolve) => setTimeout(resolve, TIMEOUTS.flush, false));
  // A thread that hangs in a write to a stalled log driver would block even process.exit.
  if (!(await Promise.race([flushed, stalled]))) process.kill(process.pid, 'SIGKILL');
}

/** In the image, `tools.lock.json` is beside the program, and the working directory is whatever the task sets. */
function lockFile(profile: Profile): string {
  const [, program = ''] = process.argv;
  return profile === 'deployed' ? join(dirname(program), LOCK_FILE) : LOCK_FILE;
}

/** Serves until asked to stop, then drains. */
async function serveHttp(
  environment: Environment,
  dependencies: Dependencies,
  stopped: Promise<string>,
): Promise<void> {
  const { logger } = dependencies;
  const deployed = environment.profile === 'deployed';
  const shutdown = new AbortController();
  const background = new AbortController();
  const { verifier, credential } = await createVerifier(environment, dependencies, background.signal);
  const origins = new Set([environment.publicUrl.origin, ...environment.allowedOrigins]);
  const loopback = deployed ? [] : ['127.0.0.1', 'localhost', '[::1]'];
  const room = roomFor(getHeapStatistics().heap_size_limit, {
    maxBodyBytes: environment.maxBodyBytes,
    maxPageBytes: Math.max(environment.scrape.maxBytes, environment.server ? MAX_RESPONSE_BYTES : 0),
  });
  const app = createApp({
    ...dependencies,
    transport: {
      hosts: new Set([environment.publicUrl.hostname, ...loopback]),
      allowsOrigin: (origin) => origins.has(origin) || loopback.includes(URL.parse(origin)?.hostname ?? ''),
      maxBodyBytes: environment.maxBodyBytes,
    },
    trustedHops: environment.trustedHops,
    ownAddresses: environment.server && addressesOfThisMachine(),
    minimumProtocolVersion: environment.minimumProtocolVersion,
    verifier,
    authFailureLimit: createAuthFailureLimit({
      limitPerMinute: environment.limits.authFailureLimitPerMinute,
      now: () => performance.now(),
    }),
    clientLimitPerMinute: environment.limits.clientLimitPerMinute,
    userLimitPerMinute: environment.limits.userLimitPerMinute,
    concurrency: createConcurrencyLimits(room),
    createServer: createMcpServerFactory({ ...dependencies, version: VERSION }),
    fastPath: createFastPath({ ...dependencies, version: VERSION }),
    shutdown: shutdown.signal,
  });
  const tls = deployed ? await createSelfSignedCertificate() : undefined;
  const server = await listen(app, { host: environment.host, port: environment.port, tls });
  logger.info('listening', { host: environment.host, port: server.port, version: VERSION, ...room });
  if (!deployed) {
    const url = new URL(environment.publicUrl);
    if (environment.port === 0) url.port = String(server.port);
    const readsPages = environment.tools.some(({ definition }) => definition.needs?.scrape);
    process.stderr.write(
      announce({
        url: url.href,
        ...credential,
        ...(readsPages && { pages: environment.scrape }),
        server: environment.server?.url.href,
      }),
    );
  }
  logger.info('draining', { signal: await stopped });
  background.abort();
  const complete = await server.drain(TIMEOUTS.drain, () => shutdown.abort());
  logger[complete ? 'info' : 'warn']('drained', { complete });
}

function addressesOfThisMachine(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((interfaces = []) => interfaces);
  return new Set(all.flatMap(({ address }) => canonicalAddress(address) ?? []));
}

/** The verifier of tokens, and the credential that the start message shows to a developer. */
async function createVerifier(
  { authTokens, oauth, publicUrl, devToken }: Environment,
  dependencies: Dependencies,
  stopped: AbortSignal,
) {
  if (oauth !== undefined) {
    const verifier = createOAuthVerifier(oauth, publicUrl, dependencies, stopped);
    return { verifier, credential: { issuer: oauth.issuer } };
  }
  if (authTokens !== undefined) {
    const verifier = await createTokenVerifier(authTokens, dependencies);
    return { verifier, credential: { token: '<a token of MCP_AUTH_TOKENS>' } };
  }
  const token = devToken ?? randomBytes(32).toString('base64url');
  return { verifier: createDevTokenVerifier(token, dependencies), credential: { token } };
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const known = error instanceof EnvironmentError || error instanceof SecretError;
    const text = known ? error.message : explainListenError(error);
    process.stderr.write(
      `${text ?? JSON.stringify({ type: 'log', level: 'error', event: 'start_failed', ...describeError(error) })}\n`,
    );
    process.exit(1);
  },
);
