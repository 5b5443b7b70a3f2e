import { coloured, type Output } from '../colour.ts';
import type { Finding } from './check.ts';

/** The finding of one check. */
export interface CheckResult extends Finding {
  readonly name: string;
}

export interface Report {
  /** Version of this repository. */
  readonly version: string;
  /** Of Node.js, such as `v24.21.0`. */
  readonly node: string;
  readonly region: string;
  /** UTC, such as `2026-11-30`. */
  readonly date: string;
  readonly checks: readonly CheckResult[];
}

const WIDTH = 'could not tell'.length;

/** A check in one line with its fix, and its lines below. */
export function linesOf(
  { name, verdict, detail, lines = [], fix }: CheckResult,
  output: Output = {},
): string {
  const label = verdict.padEnd(WIDTH);
  const shown =
    verdict === 'could not tell' ? label : coloured(verdict === 'ok' ? 'green' : 'red', label, output);
  const first = `${shown}  ${name}: ${detail}${fix === undefined ? '' : `. Fix: ${fix}`}`;
  return [first, ...lines.map((line) => `${' '.repeat(WIDTH)}    ${line}`)].join('\n');
}

/** The report for a person. */
export function textOf({ version, node, region, date, checks }: Report): string {
  const head = `Hardened MCP ${version}, acceptance test, ${region}, ${date}, Node.js ${node}`;
  const count = (verdict: string) => checks.filter((check) => check.verdict === verdict).length;
  const sum = `${count('ok')} ok, ${count('failed')} failed, ${count('could not tell')} could not tell`;
  return `${[head, ...checks.map((check) => linesOf(check)), sum].join('\n')}\n`;
}

/** The report for a form on GitHub: every text that may have a name is redacted. */
export function publicReport(report: Report, redact: (text: string) => string): Report {
  return {
    ...report,
    checks: report.checks.map(({ name, verdict, detail, lines, fix }) => ({
      name,
      verdict,
      detail: redact(detail),
      ...(lines && { lines: lines.map(redact) }),
      ...(fix !== undefined && { fix }),
    })),
  };
}

/** 0: every check is ok. 1: one failed. 2: none failed, but one could not be told. */
export function exitStatus({ checks }: Report): 0 | 1 | 2 {
  if (checks.some(({ verdict }) => verdict === 'failed')) return 1;
  return checks.every(({ verdict }) => verdict === 'ok') ? 0 : 2;
}
