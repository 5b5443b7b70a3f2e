/** The names of a tool in its source. */
export interface ToolNames {
  /** Name that clients call. */
  readonly name: string;
  /** File name without its extension. */
  readonly file: string;
  /** Function that creates the tool. */
  readonly creator: string;
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
  const creator = `create${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
  return {
    ...{ name, file, creator },
    fill: (example) =>
      example
        .replace(/^\/\/ The pattern of a tool.*\n(?:\/\/.*\n)*\n/m, '')
        .replaceAll("'example'", `'${name}'`)
        .replaceAll('the tool example', `the tool ${name}`)
        .replaceAll('/example.ts', `/${file}.ts`)
        .replaceAll('createExample', creator),
  };
}

/** Appends a tool to the list of tools. @throws Error when the list has an unexpected format */
export function listTool(index: string, { file, creator }: ToolNames): string {
  const line = `import { ${creator} } from './${file}.ts';`;
  const listed = index
    .replace(/^(?=import type \{ Tool \})/m, `${line}\n`)
    .replace(/(\n {2}const tools = \[[^\]]*?),?\s*\]/, `$1, ${creator}(deadlineMs)]`);
  if (!listed.includes(line) || !listed.includes(`${creator}(deadlineMs)]`))
    throw new Error(`service/tools/index.ts has an unexpected format; add ${creator} manually`);
  return listed;
}
