/** The names of a tool in its source. */
export interface ToolNames {
  /** Name that clients call. */
  readonly name: string;
  /** File name without its extension. */
  readonly file: string;
  /** Constant with its definition. */
  readonly constant: string;
  /** Renames the example's text to this tool. */
  fill(example: string): string;
}

/** @throws Error when clients would not accept the name, or it has no letters for a TypeScript name */
export function nameTool(name: string): ToolNames {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
    throw new Error(`the name must be 1 to 64 of letters, digits, _ and -, got ${JSON.stringify(name)}`);
  const words = name.split(/[_-]+/).filter(Boolean);
  if (words.length === 0) throw new Error(`the name must have a letter or a digit, got ${name}`);
  const file = words.join('-').toLowerCase();
  const [first = '', ...others] = words;
  const camel = first + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  const constant = `${/^\d/.test(camel) ? '_' : ''}${camel}Tool`;
  return {
    ...{ name, file, constant },
    fill: (example) =>
      example
        .replace(/^\/\/ The pattern of a tool.*\n(?:\/\/.*\n)*\n/m, '')
        .replaceAll("'example'", `'${name}'`)
        .replaceAll('the tool example', `the tool ${name}`)
        .replaceAll('/example.ts', `/${file}.ts`)
        .replaceAll('exampleTool', constant),
  };
}

/**
 * Adds a tool to the list of tools; the formatter then sorts the imports.
 *
 * @throws Error when the list has an unexpected format
 */
export function listTool(index: string, { file, constant }: ToolNames): string {
  const line = `import { ${constant} } from './${file}.ts';`;
  const listed = index
    .replace(/^(?=import type \{ ToolDefinition \})/m, `${line}\n`)
    .replace(
      /(\nexport const tools: readonly ToolDefinition\[\] = \[)([^\]]*?),?\s*\]/,
      (_match, start: string, list: string) => `${start}${list}${list === '' ? '' : ', '}${constant}]`,
    );
  if (!listed.includes(line) || !listed.includes(`${constant}]`))
    throw new Error(`service/tools/index.ts has an unexpected format; add ${constant} manually`);
  return listed;
}
