import type { Finding } from '../check.ts';
import type { Report } from '../examine.ts';
import { createPaint, type State } from './paint.ts';
import { settingsOf } from './settings.ts';
import { byReason, failuresIn } from './sort.ts';
import { linesOnComparison, linesOnTools, summaryOf } from './summary.ts';

/** Like the table, for a terminal as narrow as a phone: one thing below the other, and the checks that passed as one list. */
export function narrowTableOf(report: Report, colour: boolean, columns: number): string {
  const { url, address, startedAt, milliseconds, requests, notes, tools, findings, tool } = report;
  const paint = createPaint(colour);
  const lines = (text: string, indent = '') =>
    wrap(text, columns - indent.length).map((line) => indent + line);
  const head = ({ id, severity }: Finding, state: State) =>
    `${paint(state, state)}${state === 'fail' ? ` ${severity}` : ''} ${id}`;
  const failure = (finding: Finding) => {
    const { title, evidence, fix, reference, repeat, baseline, requirements = [] } = finding;
    return [
      `${head(finding, 'fail')}${baseline === undefined ? '' : ` (${baseline})`}`,
      ...lines(title),
      ...lines(`seen: ${evidence}`, '  '),
      // A line break would end the command when it is pasted.
      ...(repeat === undefined ? [] : [`  try: ${repeat}`]),
      ...lines(`fix: ${fix}`, '  '),
      ...settingsOf(finding).flatMap((setting) => lines(setting, '    ')),
      ...lines(`see: ${[reference, ...requirements].join('; ')}`, '  '),
      '',
    ];
  };
  const of = (outcome: Finding['outcome']) =>
    findings.filter((finding) => finding.outcome === outcome && finding.ignored === undefined);
  const listed = (state: State, what: string, some: readonly Finding[]) =>
    some.length === 0 ? [] : [paint(what, state), ...lines(some.map(({ id }) => id).join(', '), '  '), ''];
  const ignored = findings.filter((finding) => finding.ignored !== undefined);
  return [
    ...[url, `${address}, ${startedAt}`, `${requests} requests in ${(milliseconds / 1000).toFixed(1)} s`],
    ...[...notes, ...linesOnTools(tools)].flatMap((text) => lines(text)),
    '',
    ...failuresIn(findings).flatMap(failure),
    ...byReason(of('inconclusive')).flatMap(([reason, some]) => [
      ...lines(`${paint('inconclusive', 'inconclusive')} ${some.map(({ id }) => id).join(', ')}`),
      ...lines(reason, '  '),
      '',
    ]),
    ...ignored.flatMap((finding) => [
      head(finding, 'ignored'),
      ...lines(`until ${finding.ignored?.expires}: ${finding.ignored?.reason}`, '  '),
    ]),
    ...listed('pass', 'pass', of('pass')),
    ...byReason(of('not applicable')).flatMap(([reason, some]) =>
      listed('not applicable', `not applicable: ${reason}`, some),
    ),
    ...linesOnComparison(report.comparison).flatMap((text) => lines(text)),
    ...lines(`${summaryOf(findings)}.`),
    ...lines(`${tool.name} ${tool.version}, commit ${tool.commit.slice(0, 12)}`),
    '',
  ].join('\n');
}

/** Breaks a text at spaces. A longer word stays whole, so that a URL can be copied. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
