import type { OptionDoc } from './option-docs.ts';

const HEAD = `# Configuration

Every option of a stage in [infra/config.ts](../infra/config.ts). \`npm run options\` writes this page from the doc comments
beside the constructs. A misspelt option, a value of another kind or out of bounds fails \`npm run synth\` by its name.
**required**: there is no default; within a group that has one, once the group is given.`;

/** The page of all options in Markdown: a section for each part of the stack, a row for each option. */
export function optionTable(options: readonly OptionDoc[]): string {
  const sections = new Map<string, OptionDoc[]>();
  for (const option of options) {
    const [part = '', ...within] = option.path.split('.');
    const section = within.length > 0 || option.group ? part : 'The stage itself';
    sections.set(section, [...(sections.get(section) ?? []), option]);
  }
  const pages = [...sections].map(([section, rows]) => [
    `## ${section}`,
    '',
    ...introduction(rows[0]),
    '| option | what | bounds | default |',
    '|---|---|---|---|',
    ...rows.filter(({ path }) => path !== section).map(row),
    '',
  ]);
  return `${[HEAD, '', ...pages.flat()].join('\n').trimEnd()}\n`;
}

function introduction(part: OptionDoc | undefined): string[] {
  if (!part?.group || !part.defaultText) return [];
  return [`By default: ${prose(part.defaultText)}.`, ''];
}

function row({ path, what, type, defaultText, group }: OptionDoc): string {
  const cells = [
    `\`${path}\``,
    what,
    group ? 'group' : [kind(type), ...ranges(what)].join(', '),
    defaultText === undefined ? '**required**' : prose(defaultText),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** The values there are, or what kind of value it takes. */
function kind(type: string): string {
  if (type.includes('"')) return type.replaceAll(/"([^"]*)"/g, "`'$1'`").replaceAll(' | ', ' or ');
  return type.startsWith('readonly ') ? `list${type.includes('string') ? ' of strings' : ''}` : type;
}

/** A phrase of the text that bounds the value, such as `1–64`, `10 to 60`, `at most 30` or `in lower case`. */
const BOUND =
  /^(and )?(`\w+`(–| to \d)|\/?\d+(–| to [\d`/])|in lower case|(in production )?at (least|most) |up to \d|less than |\d+ or more|without host bits|without a wildcard|a value CloudWatch|a size Fargate|an https URL|pinned as )/i;

function ranges(what: string): string[] {
  return what
    .split(/[,;:] |\.(?: |$)/)
    .map((phrase) => phrase.trim())
    .filter((phrase) => BOUND.test(phrase))
    .map((phrase) => phrase.replace(/^and /, '').replace(/^A/, 'a'));
}

/** A literal as code; what follows a hyphen is prose, by CDK's convention. */
function prose(text: string): string {
  if (text.startsWith('- ')) return text.slice(2);
  return text.replace(/^('[^']*'|\[[^\]]*\]|\w+)/, '`$1`').replace(' - ', ': ');
}
