/**
 * Parses a tool's arguments from the command line: `name=text`, or `name:=JSON` for other values.
 *
 * @throws Error naming an argument that is neither, or is given twice
 */
export function toolArguments(words: readonly string[]): Record<string, unknown> {
  const named = new Map<string, unknown>();
  for (const word of words) {
    const [, name = '', kind, value = ''] = /^(\w+)(:?=)(.*)$/s.exec(word) ?? [];
    if (kind === undefined) {
      throw new Error(`an argument must be name=text or name:=JSON, got ${JSON.stringify(word)}`);
    }
    if (named.has(name)) throw new Error(`an argument must be given once, got ${name} again`);
    named.set(name, kind === '=' ? value : json(name, value));
  }
  return Object.fromEntries(named);
}

function json(name: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new Error(`${name}:= must be followed by JSON, got ${JSON.stringify(value)}`);
  }
}
