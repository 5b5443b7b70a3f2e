import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Check, CheckContext, Finding } from './check.ts';
import { anyToken, NO_TOKEN_FIX, tokenNeeds } from './client-token.ts';
import { urlOf } from './endpoint.ts';
import { reach } from './reach.ts';

/** The part of the doctor's report that is read (`--json`, version 1). */
interface DoctorReport {
  readonly findings: readonly {
    readonly id: string;
    readonly title: string;
    readonly severity: string;
    readonly outcome: string;
  }[];
}

/** The doctor's checks hold at the public URL. */
export const doctor: Check = {
  name: 'doctor',
  changes:
    'Runs the doctor against the public URL: up to 1000 requests, some of them hostile. One of them sends the token in a query string, which logs may keep: the check rotation replaces it, but it works until the grace period ends. To end that, and for a token of MCP_TOKEN: RUNBOOK.md, "A token has leaked".',
  needs: tokenNeeds,
  async run(context) {
    await reach(context);
    const token = await anyToken(context);
    if (token === undefined)
      return { verdict: 'could not tell', detail: 'there is no token to call with', fix: NO_TOKEN_FIX };
    const { stdout, stderr } = await runDoctor(context, token);
    if (stdout === '')
      return { verdict: 'failed', detail: lastLine(stderr), fix: 'Is the URL reachable from here?' };
    return findingOf(JSON.parse(stdout) as DoctorReport);
  },
};

function findingOf({ findings }: DoctorReport): Finding {
  const failed = findings.filter(({ outcome }) => outcome === 'fail');
  const inconclusive = findings.filter(({ outcome }) => outcome === 'inconclusive');
  const lines = [...failed, ...inconclusive].map(
    ({ id, title, severity, outcome }) => `${id} (${severity}) ${outcome}: ${title}`,
  );
  if (lines.length === 0) {
    const passed = findings.filter(({ outcome }) => outcome === 'pass').length;
    return {
      verdict: 'ok',
      detail: `${passed} of its checks passed, ${findings.length - passed} do not apply`,
    };
  }
  return {
    verdict: failed.length > 0 ? 'failed' : 'could not tell',
    detail: `${failed.length} of ${findings.length} checks failed, ${inconclusive.length} were inconclusive`,
    lines,
    fix: 'npm run -s doctor -- URL prints the fix of each',
  };
}

/** The token is in the environment: process lists show arguments. */
async function runDoctor({ doctor: [program = '', ...before], stack }: CheckContext, token: string) {
  const child = spawn(program, [...before, urlOf(stack).href, '--json'], {
    // biome-ignore lint/style/noProcessEnv: the doctor inherits the environment, such as a proxy's certificate
    env: { ...process.env, MCP_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr };
}

function lastLine(stderr: string): string {
  return stderr.trim().split('\n').at(-1) ?? '';
}
