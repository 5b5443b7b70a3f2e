/** How a tool is called in the places where its name stands. */
export interface ToolNames {
  /** What clients call it. */
  readonly name: string;
  /** Its file, without an ending. */
  readonly file: string;
  /** The function that makes it. */
  readonly creator: string;
  /** The example's text under this name. */
  fill(example: string): string;
}

/** @throws Error when the name is one that clients would not take, or has nothing that a TypeScript name can be made of */
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

/** The list of tools with one more, as its last. @throws Error when it is in another form than this knows */
export function listTool(index: string, { file, creator }: ToolNames): string {
  const line = `import { ${creator} } from './${file}.ts';`;
  const listed = index
    .replace(/^(?=import type \{ Tool \})/m, `${line}\n`)
    .replace(/(\n {2}const tools = \[[^\]]*?),?\s*\]/, `$1, ${creator}(deadlineMs)]`);
  if (!listed.includes(line) || !listed.includes(`${creator}(deadlineMs)]`))
    throw new Error(`service/tools/index.ts has another form; put ${creator} into its list by hand`);
  return listed;
}
