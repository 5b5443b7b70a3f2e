import type { Finding } from '../check.ts';
import type { Report } from '../examine.ts';
import { groupOf } from '../groups.ts';
import type { Tool } from '../tool.ts';
import type { ToolUse } from '../tool-calls.ts';
import { escapeMarkup } from './escape-markup.ts';
import { countOf } from './summary.ts';

/** One test suite for each group of checks, in the format of Jenkins' junit-10.xsd. */
export function junitOf({ url, startedAt, findings, tools, milliseconds, tool }: Report): string {
  const groups = [...new Set(findings.map(groupOf))];
  const suites = groups.map((group, index) => {
    const own = findings.filter((finding) => groupOf(finding) === group);
    const time = own.reduce((sum, one) => sum + one.milliseconds, 0);
    const head = attributes({
      name: `doctor.${group}`,
      ...countsOf(own),
      time: secondsOf(time),
      timestamp: startedAt.slice(0, 19),
    });
    const about = index === 0 ? propertiesOf(tools, tool) : [];
    return [`  <testsuite${head}>`, ...about, ...own.map((one) => testcase(one, url)), '  </testsuite>'].join(
      '\n',
    );
  });
  const { skipped: _onlyInSuites, ...counts } = countsOf(findings);
  const head = attributes({ name: `doctor ${url}`, ...counts, time: secondsOf(milliseconds) });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${head}>\n${suites.join('\n')}\n</testsuites>\n`;
}

/** The use of each tool. It goes into the first suite, because the schema allows no properties outside a suite. */
function propertiesOf(tools: readonly ToolUse[], { name, version, commit }: Tool): string[] {
  const about = attributes({ name: 'doctor', value: `${name} ${version}, commit ${commit}` });
  const properties = tools.map(({ name, calls, reason }) => {
    const value = calls > 0 ? `${reason} (${calls}×)` : reason;
    return `      <property${attributes({ name: `tool ${name}`, value })}/>`;
  });
  return ['    <properties>', `      <property${about}/>`, ...properties, '    </properties>'];
}

function testcase(
  { id, title, outcome, severity, evidence, fix, reference, milliseconds, ignored }: Finding,
  url: string,
): string {
  const head = attributes({
    classname: `doctor.${groupOf({ id })}`,
    name: `${id}: ${title}`,
    time: secondsOf(milliseconds),
  });
  const text = escapeMarkup(`${url}\nseen: ${evidence}\nfix: ${fix}\nsee: ${reference}`);
  const accepted = `ignored until ${ignored?.expires}: ${ignored?.reason}`;
  const inner = {
    pass: '',
    fail: `<failure${attributes({ type: severity, message: evidence })}>${text}</failure>`,
    inconclusive: `<error${attributes({ type: 'inconclusive', message: evidence })}>${text}</error>`,
    'not applicable': `<skipped${attributes({ message: evidence })}/>`,
  }[outcome];
  if (ignored !== undefined)
    return `    <testcase${head}><skipped${attributes({ message: accepted })}/></testcase>`;
  return `    <testcase${head}>${inner}</testcase>`;
}

function countsOf(findings: readonly Finding[]) {
  return {
    tests: String(findings.length),
    failures: String(countOf(findings, 'fail')),
    errors: String(countOf(findings, 'inconclusive')),
    skipped: String(
      findings.filter(({ outcome, ignored }) => outcome === 'not applicable' || ignored !== undefined).length,
    ),
  };
}

const secondsOf = (milliseconds: number) => (milliseconds / 1000).toFixed(3);

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeMarkup(value)}"`)
    .join('');
}
