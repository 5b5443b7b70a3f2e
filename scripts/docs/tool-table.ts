import * as z from 'zod';
import type { ToolDefinition } from '../../service/tools/definition.ts';
import type { OfSettings } from '../../service/tools/needs.ts';
import type { OptionSchema } from './option-docs.ts';

const HEAD = `# Tools

This page lists the needs of each tool of [service/tools/index.ts](../service/tools/index.ts), as the tool states them beside its code. \`npm run options\` generates this
page. A stage gives the values in \`tools\` of [infra/config.ts](../infra/config.ts): see [configuration.md](configuration.md#tools).
In hosts and AWS rights, \`{name}\` stands for the value of a setting.`;

/** The page of all tools in Markdown: a section for each. */
export function toolPage(tools: readonly ToolDefinition[]): string {
  return `${[HEAD, ...tools.map(toolSection)].join('\n\n')}\n`;
}

/** The section of a tool, with its heading. */
export function toolSection({ name, needs = {} }: ToolDefinition): string {
  const settings = settingRows(needs.settings);
  const facts = [
    ...(needs.secrets ?? []).map((secret) => ['Secret', `\`${secret}\``]),
    ...listed(needs.hosts, needs.settings).map((host) => ['Host', hostCell(host)]),
    ...listed(needs.awsActions, needs.settings).map(({ actions, resources }) => [
      'AWS rights',
      `${coded(actions)} on ${coded(resources)}`,
    ]),
    ...(needs.record === undefined ? [] : [['Arguments in the audit record', recordCell(needs.record)]]),
  ];
  return [
    `## ${name}`,
    ...(settings.length > 0 ? [table(['setting', 'description', 'rule', 'default'], settings)] : []),
    ...(facts.length > 0 ? [table(['needs', ''], facts)] : []),
    ...(settings.length + facts.length === 0 ? ['It needs no values of a stage.'] : []),
  ].join('\n\n');
}

function settingRows(settings: z.ZodObject | undefined): string[][] {
  if (settings === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(settings, { io: 'input' }) as OptionSchema;
  return Object.entries(properties).map(([name, option]) => [
    `\`${name}\``,
    option.description ?? '',
    ruleOf(option),
    required.includes(name) ? '**required**' : `\`${JSON.stringify(option.default)}\``,
  ]);
}

function ruleOf(option: OptionSchema & { minLength?: number; maxLength?: number; pattern?: string }): string {
  if (option.enum) return coded(option.enum.map((value) => JSON.stringify(value)));
  const { minimum, maximum, minLength, maxLength, pattern } = option;
  return [
    option.type ?? 'JSON',
    minimum !== undefined && `${minimum}–${maximum}`,
    maxLength !== undefined && `${minLength ?? 0}–${maxLength} characters`,
    pattern !== undefined && `\`${pattern}\``,
  ]
    .filter(Boolean)
    .join(', ');
}

/** The items of a need. A function is called with settings whose values are their names in braces. */
function listed<Item>(
  needed: OfSettings<z.ZodObject, Item> | undefined,
  settings?: z.ZodObject,
): readonly Item[] {
  if (typeof needed !== 'function') return needed ?? [];
  const named = Object.keys(settings?.shape ?? {}).map((name) => [name, `{${name}}`] as const);
  return needed(Object.fromEntries(named));
}

function hostCell(host: string | { readonly host: string; readonly internal?: boolean }): string {
  if (typeof host === 'string') return `\`${host}\``;
  return `\`${host.host}\`${host.internal ? ', of your own network' : ''}`;
}

function recordCell(record: string | Readonly<Record<string, string>>): string {
  if (typeof record === 'string') return record;
  return Object.entries(record)
    .map(([argument, rule]) => `\`${argument}\`: ${rule}`)
    .join(', ');
}

function coded(values: readonly string[]): string {
  return values.map((value) => `\`${value}\``).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
