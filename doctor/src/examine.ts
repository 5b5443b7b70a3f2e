import { DEFAULT_CIPHERS } from 'node:tls';
import { ALL_CHECKS, PHASES } from './all-checks.ts';
import { type Budget, createBudget } from './budget.ts';
import type { Check, Finding } from './check.ts';
import { type CleanText, createTextCleaner } from './clean-text.ts';
import type { Connection } from './connection.ts';
import { discover, type ServerProfile } from './discover.ts';
import { inGroups } from './groups.ts';
import { createProbe, type Probe } from './probe.ts';
import { createSender, type Sender } from './sender.ts';
import { keysIn, resolveTarget, shownUrl, type Target } from './target.ts';
import { TargetError } from './target-error.ts';
import { createToolCalls, type ToolUse } from './tool-calls.ts';
import { Inconclusive, inconclusive, type Verdict } from './verdict.ts';

export interface ExamineOptions {
  /** @default - none: checks that need a token are inconclusive */
  readonly token?: string | undefined;
  /** An expired token. @default - not checked */
  readonly expiredToken?: string | undefined;
  /** PEM of the only authorities to trust. @default - the authorities of Node.js */
  readonly ca?: string | undefined;
  /** @default 80 if the URL uses port 443, otherwise none */
  readonly httpPort?: number | undefined;
  /** Whether to call tools that do not declare that they only read. @default false */
  readonly callTools?: boolean | undefined;
  /** Additional requests that each of the two rate limit checks may send. @default - not run */
  readonly rateTest?: number | undefined;
  /** Milliseconds for one request and its response. @default 10_000 */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds within which the server must close an unfinished request. @default 30_000 */
  readonly patienceMs?: number | undefined;
  /** Limit for requests and handshakes. @default 600 */
  readonly maxRequests?: number | undefined;
  /** Milliseconds for the whole run. @default 300_000 */
  readonly deadlineMs?: number | undefined;
  /** Called after each check. */
  readonly onFinding?: ((finding: Finding, done: number, total: number) => void) | undefined;
}

export interface Report {
  readonly url: string;
  readonly address: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly milliseconds: number;
  readonly requests: number;
  /** Facts about the server and the run, one sentence each. */
  readonly notes: readonly string[];
  /** Every tool that the server lists, with the reason why it was called or not. */
  readonly tools: readonly ToolUse[];
  /** Ordered by group. */
  readonly findings: readonly Finding[];
}

/** Runs all checks against the endpoint. @throws TargetError if there is no server to check */
export async function examine(url: string, options: ExamineOptions = {}): Promise<Report> {
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const { token, expiredToken, rateTest } = options;
  const budget = createBudget(
    (options.maxRequests ?? 600) + 2 * (rateTest ?? 0),
    options.deadlineMs ?? 300_000,
  );
  const target = await resolveTarget(url);
  const secrets = [token, expiredToken, ...keysIn(target.url)];
  const cleaner = createTextCleaner(secrets.filter((secret) => secret !== undefined));
  const toolCalls = createToolCalls(options.callTools ?? false);
  const timeoutMs = options.timeoutMs ?? 10_000;
  const { host, address, port, secure } = target;
  const connect = (connection: Connection, sent: string | undefined) =>
    createSender({
      ...{ connection, token: sent, budget, cleaner, timeoutMs, toolCalls },
      path: target.path,
      hostField: target.url.host,
    });
  const unverified = { host, address, port, secure, ca: options.ca, verified: false };
  const verified = secure && (await isTrusted(connect(unverified, undefined)));
  const unsafe = reasonAgainstTokens(target, verified);
  const sent = unsafe === undefined ? token : undefined;
  const sender = connect({ ...unverified, verified }, sent);
  const noToken = token === undefined ? 'no token was given, set MCP_TOKEN' : unsafe;
  const known = await discover(sender, { noToken }).catch((error: unknown) => {
    throw error instanceof Inconclusive ? new TargetError('unreachable', error.message) : error;
  });
  toolCalls.learn(known.tools);
  const probe = createProbe({
    ...{ sender, target, known, toolCalls, clean: cleaner.clean },
    options: {
      token: sent,
      expiredToken: unsafe === undefined ? expiredToken : undefined,
      ...{ rateTest, httpPort: options.httpPort, patienceMs: options.patienceMs ?? 30_000 },
    },
  });
  const findings = await runAll(probe, options);
  await closeSessions(sender, budget);
  return {
    url: cleaner.clean(shownUrl(target.url)),
    ...{ address, startedAt, requests: budget.spent, findings: inGroups(findings) },
    milliseconds: Math.round(performance.now() - start),
    notes: notesOn(target, known, cleaner.clean),
    tools: toolCalls.uses().map((use) => ({ ...use, name: cleaner.clean(use.name, 100) })),
  };
}

/** @throws TargetError if no TLS connection is possible */
async function isTrusted(sender: Sender): Promise<boolean> {
  const lenient = await sender.handshake();
  if (lenient.protocol === undefined) {
    throw new TargetError('unreachable', `no TLS connection (${lenient.failure})`);
  }
  // Connects like a normal client, with the usual limits for keys and signatures.
  const { protocol, distrust } = await sender.handshake({ ciphers: DEFAULT_CIPHERS });
  return protocol !== undefined && distrust === undefined;
}

/** A token goes only to the server that the user named, and never unencrypted over a network. */
function reasonAgainstTokens({ secure, loopback }: Target, verified: boolean): string | undefined {
  if (secure && !verified) return 'the certificate is not valid, so the token was not sent';
  return secure || loopback ? undefined : 'the URL is http, so the token was not sent';
}

async function runAll(probe: Probe, { onFinding }: ExamineOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { checks, concurrency } of PHASES) {
    const waiting = [...checks];
    const work = async () => {
      for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
        const finding = await runOne(check, probe);
        findings.push(finding);
        onFinding?.(finding, findings.length, ALL_CHECKS.length);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
  }
  return findings;
}

async function runOne({ run, ...about }: Check, probe: Probe): Promise<Finding> {
  const start = performance.now();
  let verdict: Verdict;
  try {
    verdict = await run(probe);
  } catch (error) {
    verdict =
      error instanceof Inconclusive
        ? error.verdict
        : inconclusive(`the check itself failed: ${(error as Error).message}`);
  }
  const evidence = probe.clean(verdict.evidence);
  return { ...about, ...verdict, evidence, milliseconds: Math.round(performance.now() - start) };
}

/** Ends the sessions that the run opened. */
async function closeSessions(sender: Sender, budget: Budget): Promise<void> {
  for (const session of sender.sessions) {
    if (budget.remaining() === 0) return;
    await sender
      .send({ method: 'DELETE', headers: { 'mcp-session-id': session }, acceptsLimit: true })
      .catch(() => undefined);
  }
}

function notesOn(target: Target, known: ServerProfile, clean: CleanText): string[] {
  const { modern, legacy, tools, noAccess } = known;
  const eras = [...(modern ?? []), ...(legacy === undefined ? [] : [`${legacy} (handshake)`])];
  return [
    ...(target.secure ? [] : ['The URL is plain HTTP: TLS, the certificate and port 80 were not checked.']),
    noAccess === undefined
      ? clean(
          `The server supports ${eras.join(', ') || 'no named revision'} and lists ${tools.length} ${tools.length === 1 ? 'tool' : 'tools'}.`,
        )
      : clean(`Checks that need a token were not run: ${noAccess}.`),
  ];
}
