import type { Finding } from '../check.ts';
import type { Report } from '../examine.ts';
import { narrowTableOf } from './narrow-table.ts';
import { createPaint, type State } from './paint.ts';
import { settingsOf } from './settings.ts';
import { byReason, failuresIn } from './sort.ts';
import { linesOnComparison, linesOnTools, summaryOf } from './summary.ts';

/** Columns below which the parts of a finding stand below each other. */
const NARROW = 100;
/** More doubts than this of one reason, for example of a server that stopped answering, are one line. */
const MANY = 3;

/**
 * Failures first, the most serious at the top; what does not apply is folded to one line per reason.
 *
 * @param colour whether the output is a terminal with colours
 * @param columns of the terminal. @default - the output is none
 */
export function tableOf(report: Report, colour: boolean, columns = Number.POSITIVE_INFINITY): string {
  if (columns < NARROW) return narrowTableOf(report, colour, columns);
  const { url, address, startedAt, milliseconds, requests, notes, tools, findings, tool } = report;
  const paint = createPaint(colour);
  const width = Math.max(...findings.map(({ id }) => id.length));
  const row = ({ id, title, severity }: Finding, outcome: State) => {
    const level = outcome === 'fail' ? severity : '';
    return `${paint(outcome.padEnd(14), outcome)}  ${level.padEnd(6)}  ${id.padEnd(width)}  ${title}`;
  };
  const failure = (finding: Finding) => {
    const { evidence, fix, reference, repeat, baseline, requirements = [] } = finding;
    const more = [
      `seen: ${evidence}`,
      ...(repeat === undefined ? [] : [`try:  ${repeat}`]),
      `fix:  ${fix}`,
      ...settingsOf(finding).map((setting) => `      ${setting}`),
      `see:  ${[reference, ...requirements].join('; ')}`,
    ];
    const state = baseline === undefined ? '' : ` (${baseline})`;
    return [`${row(finding, 'fail')}${state}`, ...more.map((text) => `${' '.repeat(26)}${text}`)];
  };
  const of = (outcome: Finding['outcome']) => findings.filter((finding) => finding.outcome === outcome);
  const ignored = findings.flatMap((finding) =>
    finding.ignored === undefined
      ? []
      : [`${row(finding, 'ignored')} (until ${finding.ignored.expires}: ${finding.ignored.reason})`],
  );
  const doubts = of('inconclusive').filter((finding) => finding.ignored === undefined);
  return [
    `${url} (${address}), ${startedAt}: ${requests} requests in ${(milliseconds / 1000).toFixed(1)} s`,
    ...notes,
    ...linesOnTools(tools),
    '',
    ...failuresIn(findings).flatMap(failure),
    ...byReason(doubts).flatMap(([reason, some]) =>
      some.length > MANY
        ? [
            `${paint('inconclusive'.padEnd(14), 'inconclusive')}  ${reason}: ${some.map(({ id }) => id).join(', ')}`,
          ]
        : some.map((finding) => `${row(finding, 'inconclusive')} (${reason})`),
    ),
    ...ignored,
    ...of('pass').map((finding) => row(finding, 'pass')),
    ...byReason(of('not applicable')).map(
      ([reason, some]) =>
        `${paint('not applicable', 'not applicable')}  ${reason}: ${some.map(({ id }) => id).join(', ')}`,
    ),
    '',
    ...linesOnComparison(report.comparison),
    `${summaryOf(findings)}.`,
    `${tool.name} ${tool.version}, commit ${tool.commit}`,
    '',
  ].join('\n');
}
