import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Element } from 'domhandler';
import { parseDocument } from 'htmlparser2';
import type { Finding } from '../src/check.ts';
import { createTextCleaner } from '../src/clean-text.ts';
import type { Report } from '../src/examine.ts';
import { exitCodeOf } from '../src/report/exit-code.ts';
import { htmlOf } from '../src/report/html.ts';
import { junitOf } from '../src/report/junit.ts';
import { createProgress } from '../src/report/progress.ts';
import { tableOf } from '../src/report/table.ts';
import type { Outcome, Severity } from '../src/verdict.ts';

const finding = (id: string, outcome: Outcome, severity: Severity = 'low'): Finding => ({
  ...{
    id,
    outcome,
    severity,
    title: 'a < b',
    why: 'y',
    sends: 'x',
    fix: '"fix" & more',
    reference: "RFC '1'",
  },
  ...{ evidence: '<b>&"\'', milliseconds: 1234 },
});
const report: Report = {
  tool: { name: 'hardened-mcp-doctor', version: '1.2.3', commit: 'a'.repeat(40) },
  ...{
    url: 'https://mcp.example.com/mcp?a=1&b=2',
    address: '192.0.2.1',
    startedAt: '2026-01-01T00:00:00.000Z',
  },
  ...{ milliseconds: 5000, requests: 3, notes: ['<note>'] },
  pin: { version: 1, definitions: {} },
  tools: [
    { name: '<reads>', calls: 2, reason: 'called: it reads' },
    { name: 'wipes', calls: 0, reason: 'not called: it wipes' },
  ],
  findings: [
    finding('tls/a', 'pass'),
    finding('tls/b', 'fail', 'medium'),
    finding('ssrf/a', 'inconclusive'),
    finding('ssrf/b', 'not applicable'),
  ],
};

/** From Jenkins' junit-10.xsd: attributes, `!` if required, and children. */
const SCHEMA: Readonly<Record<string, readonly [attributes: string, children: string]>> = {
  testsuites: ['name time tests failures errors', 'testsuite'],
  testsuite: ['name! tests! failures! errors! time skipped timestamp', 'properties testcase'],
  properties: ['', 'property'],
  property: ['name! value!', ''],
  testcase: ['name! classname time', 'skipped error failure'],
  failure: ['type message', ''],
  error: ['type message', ''],
  skipped: ['type message', ''],
};

function violations({ name, attribs, children }: Element): string[] {
  const [attributes, inner] = SCHEMA[name] ?? [];
  if (attributes === undefined || inner === undefined) return [`<${name}>`];
  const known = attributes.split(' ');
  const own = Object.keys(attribs).filter((each) => !known.includes(each) && !known.includes(`${each}!`));
  const missing = known.filter((each) => each.endsWith('!') && !(each.slice(0, -1) in attribs));
  const elements = children.filter((child): child is Element => child.type === 'tag');
  const strange = elements
    .filter((child) => !inner.split(' ').includes(child.name))
    .map((child) => child.name);
  return [...own, ...missing, ...strange, ...elements.flatMap(violations)];
}

describe('a report', () => {
  test('as JUnit matches the schema of CI systems, and its counts are correct', () => {
    const tree = parseDocument(junitOf(report), { xmlMode: true });
    const [root] = tree.children.filter((child): child is Element => child.type === 'tag');
    expect(root && violations(root)).toEqual([]);
    expect(root?.attribs).toMatchObject({ tests: '4', failures: '1', errors: '1', time: '5.000' });
    const suites = root?.children.filter((child): child is Element => child.type === 'tag') ?? [];
    expect(suites.map(({ attribs }) => [attribs['name'], attribs['tests'], attribs['skipped']])).toEqual([
      ['doctor.tls', '2', '0'],
      ['doctor.ssrf', '2', '1'],
    ]);
    expect(junitOf(report)).toContain('<failure type="medium" message="&lt;b&gt;&amp;&quot;&#39;">');
  });

  test('as HTML allows only its own style', () => {
    const html = htmlOf(report);
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(html).toContain(`content="default-src 'none'; style-src 'sha256-${hash}';`);
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html).not.toMatch(/<b>|<note>| style=/);
    expect(html).toContain('<span class="level">medium</span>');
  });

  test('as a table has the most serious failures first, and one line for what does not apply', () => {
    const findings = [
      ...[finding('tls/a', 'pass'), finding('tls/b', 'fail', 'low'), finding('ssrf/a', 'not applicable')],
      ...[finding('ssrf/b', 'fail', 'high'), finding('ssrf/c', 'not applicable')],
    ];
    const text = tableOf({ ...report, findings }, false);
    expect(text.match(/^(?:fail|pass|not applicable) .*$/gm)).toEqual([
      'fail            high    ssrf/b  a < b',
      'fail            low     tls/b   a < b',
      'pass                    tls/a   a < b',
      'not applicable  <b>&"\': ssrf/a, ssrf/c',
    ]);
    expect(text).toContain('1 passed, 2 failed (1 high, 1 low), 0 inconclusive, 2 not applicable.');
  });

  test('as a table has many doubts of one reason in one line', () => {
    const findings = ['a', 'b', 'c', 'd'].map((name) => finding(`tls/${name}`, 'inconclusive'));
    expect(tableOf({ ...report, findings }, false)).toMatch(
      /^inconclusive {4}<b>&"': tls\/a, tls\/b, tls\/c, tls\/d$/m,
    );
  });

  test('as a table for a phone breaks no word, and the command to repeat a request nowhere', () => {
    const repeat = `curl -i ${"-H 'a: b' ".repeat(20)}'https://mcp.example.com/mcp'`;
    const fix = 'Answer 403 to every request whose Origin is not one of your own pages';
    const findings = [{ ...finding('ssrf/b', 'fail', 'high'), repeat, fix }, ...report.findings];
    const text = tableOf({ ...report, findings }, false, 40);
    expect(text).toContain(`\n  try: ${repeat}\n`);
    expect(text).toContain(
      '\n  fix: Answer 403 to every request whose\n  Origin is not one of your own pages\n',
    );
    const long = text.split('\n').filter((line) => line.length > 40 && !line.startsWith('  try: '));
    expect(long).toEqual([]);
    expect(tableOf(report, false, 40)).toMatchSnapshot();
  });

  test('as text and as HTML is as in the snapshot', () => {
    expect(tableOf(report, false)).toMatchSnapshot();
    expect(htmlOf(report).replace(/<style>[\s\S]*?<\/style>|sha256-[^']+/g, '')).toMatchSnapshot();
  });

  test('as a table has colour only on a terminal', () => {
    expect(tableOf(report, true)).toContain('\u001b[31mfail');
    expect(tableOf(report, false)).not.toContain('\u001b');
  });

  test.each([
    [[], 0],
    [[finding('a/a', 'pass', 'high'), finding('a/b', 'not applicable', 'high')], 0],
    [[finding('a/a', 'inconclusive', 'high')], 1],
    [[finding('a/a', 'fail', 'low')], 1],
    [[finding('a/a', 'fail', 'medium'), finding('a/b', 'fail', 'low')], 2],
    [[finding('a/a', 'fail', 'high'), finding('a/b', 'inconclusive')], 3],
  ] as const)('of %j means exit code %d', (findings, code) => {
    expect(exitCodeOf(findings)).toBe(code);
  });
});

test('cleaned text is one short line without control characters or the token in any encoding', () => {
  const token = 'header0123456789abcd.payload0123456789abc.signature0123456789';
  const { clean } = createTextCleaner([token]);
  expect(clean('a\u001b[2Jb\u009bc\r\nd\u202ee\u2066f\u200bg\ud800h\u0000')).toBe('a [2Jb c d e f g h');
  expect(clean('x'.repeat(1000), 10)).toBe('xxxxxxxxx…');
  const forms = [
    token,
    Buffer.from(token).toString('base64'),
    Buffer.from(token).toString('hex'),
    'payload0123456789abc',
  ];
  for (const form of forms) expect(clean(`<${form}>`)).not.toContain(form.slice(0, 20));
  // Cut in the middle, or split by an invisible character.
  expect(clean(`${'x'.repeat(30)}${token}`, 50)).not.toContain('header');
  expect(clean(`${token.slice(0, 5)}\u200b${token.slice(5)}`)).toBe('[token]');
});

test('progress is one overwritten line on a terminal, and a few lines elsewhere', () => {
  const shown = (isTTY: boolean) => {
    let text = '';
    const progress = createProgress({ isTTY, write: (more: string) => (text += more) });
    for (let done = 1; done <= 12; done++) progress.show(finding('a/a', 'pass'), done, 12);
    progress.wait('a/b', 11, 12);
    progress.end();
    return text;
  };
  expect(shown(true).endsWith('\r\u001b[K12/12 a/a: pass\r\u001b[K11/12 waiting for a/b\r\u001b[K')).toBe(
    true,
  );
  expect(shown(false)).toBe('10 of 12 checks done\n12 of 12 checks done\nwaiting for a/b\n');
});
