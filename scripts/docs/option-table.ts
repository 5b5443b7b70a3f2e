import type { OptionDoc, OptionSchema } from './option-docs.ts';

const HEAD = `# Configuration

Every option of a stage in [infra/config.ts](../infra/config.ts). \`npm run options\` generates this page, and
[configuration.schema.json](configuration.schema.json) for editors and other programs, from the schemas beside the constructs.
\`npm run synth\` refuses a misspelled option, a value of the wrong type and a value out of bounds, and names the option.
**required**: there is no default. Within an optional group, the option is required if the group is set.`;

/** The page of all options in Markdown: a section per part of the stack, a row per option. */
export function optionTable(options: readonly OptionDoc[]): string {
  const sections = new Map<string, OptionDoc[]>();
  for (const option of options) {
    const [part = '', ...within] = option.path.split('.');
    const section = within.length > 0 || option.schema.properties ? part : 'The stage itself';
    sections.set(section, [...(sections.get(section) ?? []), option]);
  }
  const pages = [...sections].map(([section, rows]) => [
    `## ${section}`,
    '',
    ...introduction(rows[0]),
    '| option | description | bounds | default |',
    '|---|---|---|---|',
    ...rows.filter(({ path }) => path !== section).map(row),
    '',
  ]);
  return `${[HEAD, '', ...pages.flat()].join('\n').trimEnd()}\n`;
}

function introduction(part: OptionDoc | undefined): string[] {
  if (!part?.schema.properties) return [];
  const { description, absent } = part.schema;
  return [description, absent && `By default: ${absent}.`].flatMap((line) => (line ? [line, ''] : []));
}

function row({ path, schema, required }: OptionDoc): string {
  const cells = [
    `\`${path}\``,
    schema.description ?? '',
    bounds(schema),
    required ? '**required**' : (schema.absent ?? `\`${JSON.stringify(schema.default)}\``),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
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
