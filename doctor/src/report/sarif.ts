import { createHash } from 'node:crypto';
import { ALL_CHECKS } from '../all-checks.ts';
import type { About, Finding } from '../check.ts';
import type { Report } from '../examine.ts';
import { requirementsOf } from '../requirements.ts';
import type { Severity } from '../verdict.ts';
import { settingsOf } from './settings.ts';

const LEVELS = { high: 'error', medium: 'warning', low: 'note' } as const;
/** Scores in GitHub's bands for high (7.0-8.9), medium (4.0-6.9) and low (0.1-3.9). */
const SCORES: Readonly<Record<Severity, string>> = { high: '8.0', medium: '5.5', low: '2.0' };

/**
 * SARIF 2.1.0 with one rule per check. Failures are results. Checks that could not decide are notifications, because code
 * scanning opens an alert for every result.
 */
export function sarifOf(report: Report): string {
  const { url, startedAt, milliseconds, tool, findings } = report;
  const ran = new Set(findings.map(({ id }) => id));
  const rules = ALL_CHECKS.filter(({ id }) => ran.has(id));
  const indexOf = (id: string) => rules.findIndex((rule) => rule.id === id);
  const run = {
    tool: {
      driver: {
        ...{ name: tool.name, version: tool.version, semanticVersion: tool.version },
        properties: { commit: tool.commit },
        rules: rules.map(ruleOf),
      },
    },
    automationDetails: { id: `hardened-mcp-doctor/${pathOf(url)}/` },
    invocations: [
      {
        executionSuccessful: true,
        startTimeUtc: startedAt,
        endTimeUtc: new Date(Date.parse(startedAt) + milliseconds).toISOString(),
        ...(report.exitCode === undefined ? {} : { exitCode: report.exitCode }),
        toolExecutionNotifications: findings
          .filter(({ outcome }) => outcome === 'inconclusive')
          .map(({ id, title, evidence }) => ({
            level: 'note',
            associatedRule: { id, index: indexOf(id) },
            message: { text: `Could not tell: ${title}. ${evidence}` },
          })),
      },
    ],
    results: findings
      .filter(({ outcome }) => outcome === 'fail')
      .map((finding) => resultOf(finding, url, indexOf(finding.id))),
    properties: { url, notes: report.notes },
  };
  const head = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0' };
  return `${JSON.stringify({ ...head, runs: [run] }, null, 2)}\n`;
}

function ruleOf(check: About): object {
  const { id, fault, why, severity, sends, fix, reference } = check;
  const settings = settingsOf(check);
  const plain = [...settings, `See: ${reference}`].join('\n');
  const listed = settings.map((setting) => `- ${setting}`).join('\n');
  return {
    id,
    shortDescription: { text: fault },
    fullDescription: { text: `${why}.` },
    help: {
      text: `${why}.\nFix: ${fix}.\n${plain}`,
      markdown: `${why}.\n\n**Fix**: ${fix}.\n\n${listed}\n\n**The check sends**: ${sends}.\n\n**See**: ${reference}`,
    },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: {
      tags: ['security', ...requirementsOf(check)],
      precision: 'very-high',
      'security-severity': SCORES[severity],
    },
  };
}

function resultOf(finding: Finding, url: string, ruleIndex: number): object {
  const { id, title, severity, evidence, ignored, baseline, repeat } = finding;
  const hash = createHash('sha256').update(`${id} ${url}`).digest('hex').slice(0, 16);
  return {
    ...{ ruleId: id, ruleIndex, kind: 'fail', level: LEVELS[severity] },
    message: { text: `${title} at ${url}. Seen: ${evidence}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: pathOf(url) }, region: { startLine: 1 } },
        logicalLocations: [{ fullyQualifiedName: url, kind: 'resource' }],
      },
    ],
    partialFingerprints: { primaryLocationLineHash: `${hash}:1` },
    ...(baseline === undefined ? {} : { baselineState: baseline }),
    ...(ignored === undefined
      ? {}
      : {
          suppressions: [
            {
              kind: 'external',
              status: 'accepted',
              justification: `${ignored.reason} (until ${ignored.expires})`,
            },
          ],
        }),
    properties: {
      'security-severity': SCORES[severity],
      ...(repeat === undefined ? {} : { repeat }),
    },
  };
}

/** Code scanning refuses a whole file if one location has the scheme of a URL, so the location is the URL without it. */
function pathOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${encodeURIComponent(host)}${pathname}`;
}
