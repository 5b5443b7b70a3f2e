import type { Finding } from '../check.ts';
import type { Report } from '../examine.ts';
import { linesOnTools, summaryOf } from './summary.ts';

const COLOURS: Readonly<Record<Finding['outcome'], number>> = {
  pass: 32,
  fail: 31,
  inconclusive: 33,
  'not applicable': 90,
};

/** @param colour whether the output is a terminal with colours */
export function tableOf(report: Report, colour: boolean): string {
  const { url, address, startedAt, milliseconds, requests, notes, tools, findings } = report;
  const paint = (text: string, code: number) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const width = Math.max(...findings.map(({ id }) => id.length));
  const lines = findings.flatMap(({ id, title, outcome, severity, evidence, fix, reference }) => {
    const level = outcome === 'fail' ? severity : '';
    const row = `${paint(outcome.padEnd(14), COLOURS[outcome])}  ${level.padEnd(6)}  ${id.padEnd(width)}  ${title}`;
    if (outcome === 'pass') return [row];
    if (outcome !== 'fail') return [`${row} (${evidence})`];
    const more = [`seen: ${evidence}`, `fix:  ${fix}`, `see:  ${reference}`];
    return [row, ...more.map((text) => `${' '.repeat(26)}${text}`)];
  });
  return [
    `${url} (${address}), ${startedAt}: ${requests} requests in ${(milliseconds / 1000).toFixed(1)} s`,
    ...notes,
    ...linesOnTools(tools),
    '',
    ...lines,
    '',
    `${summaryOf(findings)}.`,
    '',
  ].join('\n');
}
