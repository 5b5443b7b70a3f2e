import type { Era } from './era.ts';
import type { Probe, ProbeOptions } from './probe.ts';
import type { Severity, Verdict } from './verdict.ts';

export type Framework =
  | '.NET'
  | 'Express'
  | 'FastAPI'
  | 'FastMCP (Python)'
  | 'Go'
  | 'Hono'
  | 'mcp-handler'
  | 'nginx'
  | 'Node.js'
  | 'Spring'
  | 'TypeScript SDK';

/** The explanation of a check, from which reports and pages are made. */
export interface About {
  /** `group/name`. Never changes: reports and suppressions refer to it. */
  readonly id: string;
  /** The statement that is true when the check passes. */
  readonly title: string;
  /** The statement that is true when the check fails. */
  readonly fault: string;
  /** How serious a failure is. A check may lower it if the server's other controls prevent the damage. */
  readonly severity: Severity;
  /** The damage that the fault allows. */
  readonly why: string;
  /** The requests that the check sends. */
  readonly sends: string;
  readonly fix: string;
  /** The setting of each framework that is the fix. @default - none is known */
  readonly frameworks?: Readonly<Partial<Record<Framework, string>>>;
  /** Source of the requirement: an RFC, a section of the specification or the name of a practice. */
  readonly reference: string;
}

/**
 * The request that must succeed just before a check and just after it, so that only the alteration explains the outcome.
 *
 * - `request`: the unaltered request, in every era that the doctor has access to
 * - `modern request`: the same, only in revision 2026-07-28
 * - `session request`: the same, only in an older revision in which the server opens sessions
 * - `denial`: a request without a token must be refused with 401 or 403, or succeed only with it, in every era in which it is
 */
export type EraBaseline = 'request' | 'modern request' | 'session request' | 'denial';

/**
 * The baseline of a check that does not alter a request of one era.
 *
 * - `answer`: a request without a token gets the same status as at the start
 * - `access`: the same, and the doctor has access in at least one era
 * - `handshake`: a TLS handshake succeeds
 * - `nothing`: the check sends nothing
 */
export type ServerBaseline = 'answer' | 'access' | 'handshake' | 'nothing';

/** One attack, and the fix for a server that it succeeds against. */
export type Check = EraCheck | ServerCheck;

interface Common extends About {
  /** The option without which the check does not run, and how to set it. @default - it always runs */
  readonly option?: readonly [name: keyof ProbeOptions | 'issuer', hint: string];
  /** Whether it only waits, so that other checks run meanwhile. @default false */
  readonly waits?: true;
  /** Whether it uses up the limits of the server on purpose, so that the request after it need not succeed. @default false */
  readonly exhausts?: true;
}

export interface EraCheck extends Common {
  readonly baseline: EraBaseline;
  run(probe: Probe, era: Era): Promise<Verdict>;
}

export interface ServerCheck extends Common {
  readonly baseline: ServerBaseline;
  run(probe: Probe): Promise<Verdict>;
}

export interface Finding extends Omit<About, 'fault'>, Omit<Verdict, 'severity'> {
  /** IDs in the requirement map. @default - set when the report is made */
  readonly requirements?: readonly string[];
  readonly milliseconds: number;
  /** Why the failure is accepted, and until which day. @default - it is not */
  readonly ignored?: { readonly reason: string; readonly expires: string };
  /** Whether the failure or the doubt is in the baseline too. @default - there is no baseline, or it is none */
  readonly baseline?: 'new' | 'unchanged';
  /** A curl command that repeats the request, with `$MCP_TOKEN` in place of the token. @default - none can */
  readonly repeat?: string;
}
