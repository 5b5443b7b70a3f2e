/** The kinds of tools, each with the example that it is a copy of. */
export const KINDS = {
  plain: { file: 'example', name: 'example', definition: 'exampleTool' },
  http: { file: 'example-http', name: 'example_http', definition: 'exampleHttpTool' },
  aws: { file: 'example-aws', name: 'example_aws', definition: 'exampleAwsTool' },
} as const;

export type Kind = keyof typeof KINDS;

/** The names of a tool in its source. */
export interface ToolNames {
  /** Name that clients call. */
  readonly name: string;
  /** File name without its extension. */
  readonly file: string;
  /** Constant that defines the tool. */
  readonly definition: string;
}

/** @throws Error when clients would not accept the name, or it has no letters for a TypeScript name */
export function nameTool(name: string): ToolNames {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
    throw new Error(`the name must be 1 to 64 of letters, digits, _ and -, got ${JSON.stringify(name)}`);
  const words = name.split(/[_-]+/).filter(Boolean);
  if (words.length === 0) throw new Error(`the name must have a letter or a digit, got ${name}`);
  const [first = '', ...others] = words;
  const camel = first + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return {
    name,
    file: words.join('-').toLowerCase(),
    // A constant cannot begin with a digit, and with its ending it is no reserved word.
    definition: `${/^\d/.test(camel) ? '_' : ''}${camel}Tool`,
  };
}

const PATTERN = /^\/\/ The pattern of a tool.*\n(?:\/\/.*\n)*\n/m;
const VALUES = /^ *\/\/ Its values in infra\/config\.ts: (.*)\n/m;

/** The text of an example, or of its test, under the names of the tool. */
export function fillExample(text: string, kind: Kind, tool: ToolNames): string {
  const example = KINDS[kind];
  return text
    .replace(PATTERN, '')
    .replace(VALUES, '')
    .replaceAll(`'${example.name}'`, `'${tool.name}'`)
    .replaceAll(`the tool ${example.name}`, `the tool ${tool.name}`)
    .replaceAll(`/${example.file}.ts`, `/${tool.file}.ts`)
    .replaceAll(example.definition, tool.definition);
}

/**
 * Adds a tool to the list of tools; the formatter then sorts the imports.
 *
 * @throws Error when the list has an unexpected format
 */
export function listTool(index: string, { file, definition }: ToolNames): string {
  const line = `import { ${definition} } from './${file}.ts';`;
  const listed = index
    .replace(/^(?=import type \{ ToolDefinition \})/m, `${line}\n`)
    .replace(
      /(\nexport const tools: readonly ToolDefinition\[\] = \[)([^\]]*?),?\s*\]/,
      (_match, start: string, list: string) => `${start}${list}${list === '' ? '' : ', '}${definition}]`,
    );
  if (!listed.includes(line) || !listed.includes(`${definition}]`))
    throw new Error(`service/tools/index.ts has an unexpected format; add ${definition} manually`);
  return listed;
}

/** The entry of the tool in a stage, with the values of the example. */
export function stageEntry(example: string, kind: Kind, { name }: ToolNames): string {
  const [, values = `${KINDS[kind].name}: {}`] = VALUES.exec(example) ?? [];
  const key = /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`;
  return values.replace(`${KINDS[kind].name}:`, `${key}:`);
}

/** Appends the entry to the tools of the stages; undefined when infra/config.ts has another form. */
export function serveTool(config: string, entry: string): string | undefined {
  const list = /^(const tools: [^\n]* = \{\n)((?: {2}[^\n]*\n)*?)(\}[^\n]*;\n)/m;
  if (!list.test(config)) return undefined;
  const note = /example\.com|123456789012/.test(entry) ? ' // replace me' : '';
  return config.replace(list, (_all, begin: string, entries: string, end: string) => {
    return `${begin}${entries}  ${entry},${note}\n${end}`;
  });
}
