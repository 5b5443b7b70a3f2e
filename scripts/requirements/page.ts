import { ALL_CONTROLS, count, LISTS, summary } from './lists.ts';
import { type Control, mutationsOf, type Requirement, type RequirementList } from './requirement.ts';

const INTRODUCTION = `# Requirements

The lists of requirements that security teams ask about, and how this kit meets each item: **yes**, **partly** or **no**, with the reason.
The items are in our words; the linked document decides. A list for whole organizations has items that one server cannot meet.

\`npm run requirements\` generates this page from \`scripts/requirements\`. The tests fail if a file, a test or a check of the doctor that is
named here does not exist. Each rule of the template is tested with templates that break it. \`npm run requirements -- --prove\` breaks other
controls in a copy of the source, one at a time, and fails unless the named test fails. The controls behind the names are
[at the end](#controls).`;

const cell = (text: string) => text.replaceAll('|', '\\|');

/** Names of rules go to their table; others to the table at the end of the page. */
function reference(name: string): string {
  if (name.startsWith('rule ')) return `\`${name.slice('rule '.length)}\``;
  return name.startsWith('checklist ') ? '[checklist](../SECURITY.md#the-checklist)' : name;
}

function row({ id, asks, state, controls, because }: Requirement): string {
  const how = [controls.map(reference).join(', '), because].filter(Boolean).join(': ');
  return `| \`${id}\` | ${cell(asks)} | ${state} | ${cell(how)} |`;
}

function section(list: RequirementList): readonly string[] {
  const { yes, partly, no } = count(list);
  return [
    `## ${list.title}`,
    '',
    `[Document](${list.url}), ${list.edition}. ${yes} yes, ${partly} partly, ${no} no.`,
    '',
    '| id | asks for | met | by, or why not |',
    '|---|---|---|---|',
    ...list.requirements.map(row),
    '',
  ];
}

function controlRow([name, control]: [string, Control]) {
  const { files, tests = [], rules = [], checks = [] } = control;
  const where = files.map((file) => `[${file.split('/').at(-1)}](../${file})`).join(', ');
  const suites = [...new Set(tests.map(([suite]) => `\`${suite}\``))];
  const proofs = [...suites, ...rules.map((id) => `rule \`${id}\``)].join(', ');
  const examined = checks.map((id) => `\`${id}\``).join(', ') || '–';
  return `| ${name} | ${where} | ${proofs} | ${examined} | ${mutationsOf(control).length || '–'} |`;
}

/** docs/requirements.md */
export function requirementsPage(): string {
  const named = [...ALL_CONTROLS].filter(([name]) => !/^(?:rule|checklist) /.test(name));
  return [
    INTRODUCTION,
    '',
    `${summary()}.`,
    '',
    ...LISTS.flatMap(section),
    '## Controls',
    '',
    'The last column says in how many ways `--prove` breaks the control.',
    '',
    '| name | where | tests and rules | checks of the doctor | broken on purpose |',
    '|---|---|---|---|---|',
    ...named.map(controlRow),
    '',
  ].join('\n');
}
