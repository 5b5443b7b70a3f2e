import type { Verdict } from './check.ts';
import type { Reported } from './run.ts';

const WIDTH = 'could not tell'.length;
/** Exit status when a deployment would fail. */
const WILL_FAIL = 1;

/** A line for each finding, and one with their numbers. */
export function textOf(findings: readonly Reported[]): string {
  const lines = findings.map(({ verdict, check, about, detail, fix }) => {
    const subject = about === undefined ? check : `${check} ${about}`;
    return `${verdict.padEnd(WIDTH)}  ${subject}: ${detail}${fix === undefined ? '' : `. Fix: ${fix}`}`;
  });
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  const sum = `${count('ok')} ok, ${count('will fail')} will fail, ${count('could not tell')} could not tell`;
  return `${[...lines, '', sum].join('\n')}\n`;
}

/** 1 if a deployment would fail, otherwise 0: what could not be told is for the reader to judge. */
export function exitCodeOf(findings: readonly Reported[]): number {
  return findings.some(({ verdict }) => verdict === 'will fail') ? WILL_FAIL : 0;
}
