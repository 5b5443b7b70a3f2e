import type { OptionDoc, OptionSchema } from './option-docs.ts';

const HEAD = `# Configuration

Every option of a stage in [infra/config.ts](../infra/config.ts). \`npm run options\` generates this page, and
[configuration.schema.json](configuration.schema.json) for editors and other programs, from the schemas beside the constructs.
\`npm run synth\` refuses a misspelled option, a value of the wrong type and a value out of bounds, and names the option.
**required**: there is no default. Within an optional group, the option is required if the group is set.

The last column says what a deployment that changes the option does to a running stage. It is computed: \`npm run options\` changes each option
alone and compares the templates before and after, as \`cdk diff\` does.

- **in place**: AWS changes resources that stay.
- **new tasks**: ECS starts tasks with the new value, waits until they are healthy and stops the old ones, which finish their requests first.
- **replaces**, **adds or removes**: the resource types concerned, without \`AWS::\`.
- **not in a running stage**: AWS refuses the update or leaves the old setting in force, and CloudFormation rolls back. The text says what to do
  instead.`;

/**
 * The page of all options in Markdown: a section per part of the stack, a row per option.
 *
 * @param updates what changing an option does to a running stage, by path
 */
export function optionTable(options: readonly OptionDoc[], updates: ReadonlyMap<string, string>): string {
  const sections = new Map<string, OptionDoc[]>();
  for (const option of options) {
    const [part = '', ...within] = option.path.split('.');
    const section = within.length > 0 || isGroup(option.schema) ? part : 'The stage itself';
    sections.set(section, [...(sections.get(section) ?? []), option]);
  }
  const pages = [...sections].map(([section, rows]) => [
    `## ${section}`,
    '',
    ...introduction(rows[0], updates),
    '| option | description | bounds | default | change in a running stage |',
    '|---|---|---|---|---|',
    ...rows.filter(({ path }) => path !== section).map((option) => row(option, updates)),
    '',
  ]);
  return `${[HEAD, '', ...pages.flat()].join('\n').trimEnd()}\n`;
}

function introduction(part: OptionDoc | undefined, updates: ReadonlyMap<string, string>): string[] {
  if (!part || !isGroup(part.schema)) return [];
  const { description, absent } = part.schema;
  return [
    description,
    absent && `By default: ${absent}.`,
    absent && `To add or remove the group in a running stage: ${updates.get(part.path)}.`,
  ].flatMap((line) => (line ? [line, ''] : []));
}

function row({ path, schema, required }: OptionDoc, updates: ReadonlyMap<string, string>): string {
  const cells = [
    `\`${path}\``,
    schema.description ?? '',
    bounds(schema),
    required ? '**required**' : (schema.absent ?? `\`${JSON.stringify(schema.default)}\``),
    updates.get(path) ?? '',
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function isGroup({ properties, additionalProperties }: OptionSchema): boolean {
  return (properties ?? additionalProperties?.properties) !== undefined;
}

/** The values that an option accepts. */
function bounds(schema: OptionSchema): string {
  if (schema.properties) return 'group';
  if (schema.enum) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  if (schema.type === 'array') {
    const { minItems, maxItems, characters } = schema;
    const count = minItems === maxItems ? minItems : `${minItems}–${maxItems}`;
    const inAll = characters === undefined ? '' : `; at most ${characters} characters in all, as JSON`;
    return `${count} of: ${schema.items ? bounds(schema.items) : 'anything'}${inAll}`;
  }
  const range = schema.minimum === undefined ? '' : `, ${schema.minimum}–${schema.maximum}`;
  return schema.rule ?? `${schema.type}${range}`;
}
