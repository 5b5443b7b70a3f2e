import { DEFAULT_CIPHERS } from 'node:tls';
import { ALL_CHECKS } from './all-checks.ts';
import { createBudget } from './budget.ts';
import type { Finding } from './check.ts';
import { type CleanText, createTextCleaner } from './clean-text.ts';
import type { Comparison } from './comparison.ts';
import type { Connection } from './connection.ts';
import { discover, type ServerProfile } from './discover.ts';
import { inGroups } from './in-groups.ts';
import type { Issuer } from './issuer.ts';
import { type Pin, pinOf } from './pin.ts';
import { createProbe, type ProbeOptions } from './probe.ts';
import { requirementsOf } from './requirements.ts';
import { runChecks } from './run-checks.ts';
import { selectChecks } from './select-checks.ts';
import { createSender, type Sender, type SenderOptions } from './sender.ts';
import { keysIn, resolveTarget, shownUrl, type Target } from './target.ts';
import { TargetError } from './target-error.ts';
import { readTool, type Tool } from './tool.ts';
import { createToolCalls, type ToolUse } from './tool-calls.ts';
import { Inconclusive } from './verdict.ts';
import { createWatch, type Watch } from './watch.ts';

export interface ExamineOptions {
  /** @default - none: checks that need a token are inconclusive */
  readonly token?: string | undefined;
  /** An expired token. @default - not checked */
  readonly expiredToken?: string | undefined;
  /** PEM of the only authorities to trust. @default - the authorities of Node.js */
  readonly ca?: string | undefined;
  /** @default 80 if the URL uses port 443, otherwise none */
  readonly httpPort?: number | undefined;
  /** The token of another client, which must not reach the sessions of the first. @default - not checked */
  readonly secondToken?: string | undefined;
  /** IDs or groups of the checks to run. @default - all */
  readonly only?: readonly string[] | undefined;
  /** IDs or groups of checks that are not run. @default - none */
  readonly skip?: readonly string[] | undefined;
  /** Header fields that hold a credential, such as an API key. They are sent where the token is. @default - none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether to call no tool at all. @default false */
  readonly noTools?: boolean | undefined;
  /** Whether to call tools that do not declare that they only read. @default false */
  readonly callTools?: boolean | undefined;
  /** Additional requests that each of the two rate limit checks may send. @default - not run */
  readonly rateTest?: number | undefined;
  /** Milliseconds for one request and its response. @default 10_000 */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds within which the server must close an unfinished request. @default 30_000 */
  readonly patienceMs?: number | undefined;
  /** Limit for requests and handshakes. @default 1000 */
  readonly maxRequests?: number | undefined;
  /** Milliseconds for the whole run. @default 300_000 */
  readonly deadlineMs?: number | undefined;
  /** Milliseconds after which a session that is not used must have ended. The run takes at least as long. @default - not checked */
  readonly sessionIdleMs?: number | undefined;
  /** Whether to send hostile texts in the arguments of tools that may be called. @default false */
  readonly inject?: boolean | undefined;
  /** URL under which the server reaches this machine. The doctor listens on its port. @default - only for a server on this machine */
  readonly canary?: URL | undefined;
  /** URL of the authorization server to check, which then gets requests too. @default - not checked */
  readonly issuer?: string | undefined;
  /** Definitions of an earlier run, to compare with. @default - not compared */
  readonly pin?: Pin | undefined;
  /** Interrupts the run: the doctor ends its sessions and reports the other checks as not run. */
  readonly signal?: AbortSignal | undefined;
  /** Called when all checks are done except those that wait, before each of these. */
  readonly onWait?: ((id: string, done: number, total: number) => void) | undefined;
  /** Called after each check. */
  readonly onFinding?: ((finding: Finding, done: number, total: number) => void) | undefined;
}

export interface Report {
  readonly tool: Tool;
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
  /** The definitions that the server listed first, as hashes. */
  readonly pin: Pin;
  /** Ordered by group. */
  readonly findings: readonly Finding[];
  /** The exit code of the program. @default - of a run without options */
  readonly exitCode?: number;
  /** @default - there is no baseline */
  readonly comparison?: Comparison;
}

/** Runs all checks against the endpoint. @throws TargetError if there is no server to check */
export async function examine(url: string, options: ExamineOptions = {}): Promise<Report> {
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const { token, expiredToken, secondToken, rateTest, signal, headers: keys = {} } = options;
  const checks = selectChecks(ALL_CHECKS, options.only, options.skip);
  const budget = createBudget(
    (options.maxRequests ?? 1000) + 2 * (rateTest ?? 0),
    options.deadlineMs ?? 300_000 + (options.sessionIdleMs ?? 0),
  );
  const target = await resolveTarget(url);
  const secrets = [token, expiredToken, secondToken, ...Object.values(keys), ...keysIn(target.url)];
  const cleaner = createTextCleaner(secrets.filter((secret) => secret !== undefined));
  const toolCalls = createToolCalls(options.noTools ? 'none' : options.callTools ? 'all' : 'read-only');
  const timeoutMs = options.timeoutMs ?? 10_000;
  const connect = (connection: Connection, access: Pick<SenderOptions, 'token' | 'keys'>) =>
    createSender({
      ...{ connection, ...access, budget, cleaner, timeoutMs, toolCalls, signal },
      path: target.path,
      hostField: target.url.host,
    });
  const unverified = { ...target, ca: options.ca, verified: false };
  const verified = target.secure && (await isTrusted(connect(unverified, { token: undefined })));
  const unsafe = reasonAgainstTokens(target, verified);
  const sent = unsafe === undefined ? token : undefined;
  const access = { token: sent, keys: unsafe === undefined ? keys : undefined };
  const sender = connect({ ...unverified, verified }, access);
  const hasNone = token === undefined && Object.keys(keys).length === 0;
  const noToken = hasNone ? 'no token was given, set MCP_TOKEN' : unsafe;
  const known = await discover(sender, { noToken }).catch(async (error: unknown) => {
    await sender.endSessions();
    throw error instanceof Inconclusive ? new TargetError('unreachable', error.message) : error;
  });
  toolCalls.learn(known.tools);
  let watch: Watch | undefined;
  const issuer = await meetIssuer(options, { budget, cleaner, timeoutMs, toolCalls, signal });
  const probe = createProbe({
    issuer,
    gone: () => watch?.gone,
    stumbles: () => watch?.stumbles ?? [],
    ...{ sender, target, known, toolCalls, clean: cleaner.clean },
    options: probeOptionsOf(options, unsafe === undefined),
  });
  watch = createWatch(probe);
  const findings: Finding[] = [];
  const onWait = (id: string) => options.onWait?.(id, findings.length, checks.length);
  for await (const finding of runChecks(checks, { probe, watch, signal, onWait })) {
    findings.push(finding);
    options.onFinding?.(finding, findings.length, checks.length);
  }
  await sender.endSessions();
  return {
    url: cleaner.clean(shownUrl(target.url)),
    ...{ address: target.address, startedAt, requests: budget.spent },
    findings: inGroups(findings).map(withRequirements),
    tool: readTool(),
    milliseconds: Math.round(performance.now() - start),
    pin: pinOf(known, cleaner.clean),
    notes: notesOn(target, known, watch, cleaner.clean),
    tools: toolCalls.uses().map((use) => ({ ...use, name: cleaner.clean(use.name, 100) })),
  };
}

/** @param mayAuthenticate whether tokens may be sent */
function probeOptionsOf(options: ExamineOptions, mayAuthenticate: boolean): ProbeOptions {
  const { token, expiredToken, secondToken, sessionIdleMs, canary, pin, rateTest, httpPort } = options;
  const none = { token: undefined, expiredToken: undefined, secondToken: undefined };
  return {
    ...(mayAuthenticate ? { token, expiredToken, secondToken } : none),
    ...{ sessionIdleMs, canary, pin, rateTest, httpPort },
    inject: options.inject ?? false,
    patienceMs: options.patienceMs ?? 30_000,
  };
}

const withRequirements = (finding: Finding): Finding => ({
  ...finding,
  requirements: requirementsOf(finding),
});

/** @throws TargetError if the URL of the issuer is not http or https, or its host does not resolve */
async function meetIssuer(
  { issuer, ca }: ExamineOptions,
  parts: Pick<SenderOptions, 'budget' | 'cleaner' | 'timeoutMs' | 'toolCalls' | 'signal'>,
): Promise<Issuer | undefined> {
  if (issuer === undefined) return undefined;
  const target = await resolveTarget(issuer);
  // The metadata decides where clients send secrets, so it is read only from a server with a valid certificate.
  const connection = { ...target, ca, verified: true };
  const at = { connection, path: target.path, hostField: target.url.host, token: undefined };
  return { url: target.url, named: issuer, sender: createSender({ ...parts, ...at }) };
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

function notesOn(target: Target, known: ServerProfile, { gone }: Watch, clean: CleanText): string[] {
  const { modern, legacy, tools, noAccess } = known;
  const eras = [...(modern ?? []), ...(legacy === undefined ? [] : [`${legacy} (handshake)`])];
  return [
    ...(known.isSse ? ['The server speaks the deprecated HTTP+SSE transport at this path.'] : []),
    ...(target.secure ? [] : ['The URL is plain HTTP: TLS, the certificate and port 80 were not checked.']),
    noAccess === undefined
      ? clean(
          `The server supports ${eras.join(', ') || 'no named revision'} and lists ${tools.length} ${tools.length === 1 ? 'tool' : 'tools'}.`,
        )
      : clean(`Checks that need a token were not run: ${noAccess}.`),
    ...(gone === undefined
      ? []
      : [
          clean(
            `The server stopped answering during ${gone.during} (${gone.evidence}). The checks after it were not run.`,
          ),
        ]),
  ];
}
