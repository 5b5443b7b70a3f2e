import { createHash } from 'node:crypto';
import type { Finding } from '../check.ts';
import type { Report } from '../examine.ts';
import { escapeMarkup } from './escape-markup.ts';
import { settingsOf } from './settings.ts';
import { failuresIn } from './sort.ts';
import { linesOnComparison, linesOnTools, summaryOf } from './summary.ts';

const STYLE = `
:root { color-scheme: light dark; --text: #1a1a1a; --back: #fff; --line: #d0d0d0; --soft: #595959;
  --pass: #0a6b2d; --fail: #b3001b; --doubt: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8e8e8; --back: #151515; --line: #444; --soft: #a8a8a8;
    --pass: #5fd08a; --fail: #ff7b85; --doubt: #f0b95a; } }
body { color: var(--text); background: var(--back); font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto;
  max-width: 70rem; padding: 0 1rem; }
article { border: 1px solid var(--line); border-left-width: 4px; border-radius: 4px; margin: .8rem 0; padding: .6rem .8rem; }
article.fail { border-left-color: var(--fail); } article.doubt { border-left-color: var(--doubt); }
h1 { font-size: 1.3rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; } h3 { font-size: 1rem; margin: 0; }
dl { margin: .4rem 0 0; } dt { color: var(--soft); font-size: .85em; margin-top: .4rem; } dd { margin: 0; }
code, .seen, dd { overflow-wrap: anywhere; }
code, .seen { font-family: ui-monospace, monospace; font-size: .85em; }
summary { cursor: pointer; font-weight: bold; padding: .5rem 0; }
li { overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.pass { color: var(--pass); } .level { color: var(--fail); font-weight: bold; } .doubt .level { color: var(--doubt); }
@media (max-width: 480px) { body { margin: 1rem auto; padding: 0 .7rem; } ul { padding-left: 1.2rem; } }
@media print { body { margin: 0; max-width: none; } }
`;

/** One page that loads no resources and runs no scripts, and that a phone shows without scrolling sideways. */
export function htmlOf(report: Report): string {
  const { url, address, startedAt, requests, milliseconds, notes, tools, tool, findings, comparison } =
    report;
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const failures = failuresIn(findings);
  const of = (outcome: Finding['outcome']) =>
    findings.filter((one) => one.outcome === outcome && one.ignored === undefined);
  const ignored = findings.filter((one) => one.ignored !== undefined);
  const about = `${address}, ${startedAt}, ${requests} requests in ${(milliseconds / 1000).toFixed(1)} s.`;
  const lines = [about, ...notes, ...linesOnTools(tools), ...linesOnComparison(comparison)];
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
<p>${lines.map(escapeMarkup).join('<br>\n')}</p>
<p><strong>${escapeMarkup(summaryOf(findings))}.</strong></p>
${section('Failed', failures.map(failureOf))}
${section('Could not tell', of('inconclusive').map(doubtOf))}
${folded('Ignored', ignored, ({ ignored: entry }) => ` (until ${entry?.expires}: ${entry?.reason})`)}
${folded('Passed', of('pass'))}
${folded('Not applicable', of('not applicable'), ({ evidence }) => `: ${evidence}`)}
<p class="soft">${escapeMarkup(`${tool.name} ${tool.version}, commit ${tool.commit}`)}</p>
</body>
</html>
`;
}

const section = (title: string, articles: readonly string[]): string =>
  articles.length === 0 ? '' : `<h2>${title} (${articles.length})</h2>\n${articles.join('\n')}`;

function folded(
  title: string,
  findings: readonly Finding[],
  more: (finding: Finding) => string = () => '',
): string {
  if (findings.length === 0) return '';
  const items = findings.map(
    (one) => `<li>${escapeMarkup(`${one.title}${more(one)}`)} <code>${escapeMarkup(one.id)}</code></li>`,
  );
  return `<details><summary>${title} (${items.length})</summary><ul>\n${items.join('\n')}\n</ul></details>`;
}

function failureOf(finding: Finding): string {
  const { id, title, severity, why, sends, evidence, repeat, fix, reference, baseline } = finding;
  const state = baseline === undefined ? '' : `, ${baseline}`;
  const requirements = finding.requirements ?? [];
  return `<article class="fail" id="${escapeMarkup(id)}"><h3>${escapeMarkup(title)}</h3>
<div><span class="level">${severity}${state}</span> <code>${escapeMarkup(id)}</code> <span class="soft">${escapeMarkup(requirements.join(', '))}</span></div>
<dl>
${entry('Damage', why)}${entry('Sent', sends)}<dt>Seen</dt><dd class="seen">${escapeMarkup(evidence)}</dd>
${repeat === undefined ? '' : `<dt>Try</dt><dd><code>${escapeMarkup(repeat)}</code></dd>\n`}${entry('Fix', fix)}${settingsOf(
  finding,
)
  .map((setting) => `<dd><code>${escapeMarkup(setting)}</code></dd>\n`)
  .join('')}${entry('See', reference)}</dl></article>`;
}

function doubtOf({ id, title, evidence }: Finding): string {
  return `<article class="doubt" id="${escapeMarkup(id)}"><h3>${escapeMarkup(title)}</h3>
<code>${escapeMarkup(id)}</code>
<div class="seen">${escapeMarkup(evidence)}</div></article>`;
}

const entry = (name: string, text: string): string => `<dt>${name}</dt><dd>${escapeMarkup(text)}</dd>\n`;
