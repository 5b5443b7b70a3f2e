import { createHash } from 'node:crypto';
import type { Finding } from '../check.ts';
import type { Report } from '../examine.ts';
import { groupOf } from '../groups.ts';
import { escapeMarkup } from './escape-markup.ts';
import { linesOnTools, summaryOf } from './summary.ts';

const STYLE = `
:root { color-scheme: light dark; --text: #1a1a1a; --back: #fff; --line: #d0d0d0; --soft: #595959;
  --pass: #0a6b2d; --fail: #b3001b; --doubt: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8e8e8; --back: #151515; --line: #444; --soft: #a8a8a8;
    --pass: #5fd08a; --fail: #ff7b85; --doubt: #f0b95a; } }
body { color: var(--text); background: var(--back); font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto;
  max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-top: 1px solid var(--line); padding: .4rem .6rem; text-align: left; vertical-align: top; }
code, .seen { font-family: ui-monospace, monospace; font-size: .85em; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.pass { color: var(--pass); } .fail { color: var(--fail); font-weight: bold; } .doubt { color: var(--doubt); }
@media print { body { margin: 0; max-width: none; } }
`;

const CLASSES: Readonly<Record<Finding['outcome'], string>> = {
  pass: 'pass',
  fail: 'fail',
  inconclusive: 'doubt',
  'not applicable': 'soft',
};

/** One page that loads no resources and runs no scripts. */
export function htmlOf({
  url,
  address,
  startedAt,
  requests,
  milliseconds,
  notes,
  tools,
  findings,
}: Report): string {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const groups = [...new Set(findings.map(groupOf))];
  const failures = findings.filter(({ outcome }) => outcome === 'fail');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>MCP doctor: ${escapeMarkup(url)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>MCP doctor report for ${escapeMarkup(url)}</h1>
<p>${escapeMarkup(`${address}, ${startedAt}, ${requests} requests in ${(milliseconds / 1000).toFixed(1)} s.`)}
${[...notes, ...linesOnTools(tools)].map((note) => `<br>${escapeMarkup(note)}`).join('\n')}</p>
<p><strong>${escapeMarkup(summaryOf(findings))}.</strong></p>
${failures.length === 0 ? '' : `<ul>${failures.map(({ id, title, severity }) => `<li><a href="#${escapeMarkup(id)}">${escapeMarkup(id)}</a>, ${severity}: ${escapeMarkup(title)}</li>`).join('\n')}</ul>`}
${groups.map((group) => sectionOf(group, findings)).join('\n')}
</body>
</html>
`;
}

function sectionOf(group: string, findings: readonly Finding[]): string {
  const rows = findings.filter((finding) => groupOf(finding) === group).map(rowOf);
  return `<h2>${escapeMarkup(group)}</h2>
<table>
<thead><tr><th scope="col">Verdict</th><th scope="col">Check</th><th scope="col">Evidence</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function rowOf({ id, title, outcome, severity, sends, evidence, fix, reference }: Finding): string {
  const level = outcome === 'fail' ? `, ${severity}` : '';
  const repair = outcome === 'fail' ? `<p>Fix: ${escapeMarkup(fix)}</p>` : '';
  return `<tr id="${escapeMarkup(id)}"><td class="${CLASSES[outcome]}">${outcome}${level}</td>
<td>${escapeMarkup(title)}<br><code>${escapeMarkup(id)}</code><p class="soft">Sent: ${escapeMarkup(sends)}<br>See: ${escapeMarkup(reference)}</p></td>
<td><div class="seen">${escapeMarkup(evidence)}</div>${repair}</td></tr>`;
}
