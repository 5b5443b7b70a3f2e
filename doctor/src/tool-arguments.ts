type Schema = Readonly<Record<string, unknown>>;

/** A tool from `tools/list`. All members are claims of the server. */
export interface ListedTool {
  readonly name: string;
  readonly title?: unknown;
  readonly description?: unknown;
  readonly inputSchema: Schema;
  readonly annotations: Schema;
}

export function toolsOf(items: readonly unknown[]): readonly ListedTool[] {
  return items.flatMap((item) => {
    const { name, inputSchema, annotations, ...more } = objectOf(item);
    if (typeof name !== 'string') return [];
    return [{ ...more, name, inputSchema: objectOf(inputSchema), annotations: objectOf(annotations) }];
  });
}

/** A text argument of a tool, also inside an object or a list. */
export interface TextArgument {
  /** The names from the outside in, for example `['options', 'url']`. */
  readonly path: readonly string[];
  readonly schema: Schema;
  /** Arguments for a call with this text in this place. */
  fill(text: string): Record<string, unknown>;
}

const MAX_DEPTH = 3;

export function textArgumentsOf({ inputSchema }: ListedTool): readonly TextArgument[] {
  return argumentsIn(inputSchema, MAX_DEPTH);
}

function argumentsIn(schema: Schema, depth: number): TextArgument[] {
  const fits = (given: Schema) => ({ ...requiredOf(schema), ...given });
  return Object.entries(objectOf(schema['properties'])).flatMap(([name, value]): TextArgument[] => {
    const inner = objectOf(value);
    const { type, items } = inner;
    const takes = (kind: string) => (Array.isArray(type) ? type.includes(kind) : type === kind);
    const isOpen = type === undefined && inner['properties'] === undefined && inner['$ref'] === undefined;
    if ((takes('string') || isOpen) && !('enum' in inner || 'const' in inner)) {
      return [{ path: [name], schema: inner, fill: (text) => fits({ [name]: text }) }];
    }
    if (takes('array') && objectOf(items)['type'] === 'string') {
      const item = objectOf(items);
      return 'enum' in item ? [] : [{ path: [name], schema: item, fill: (text) => fits({ [name]: [text] }) }];
    }
    if (depth <= 1) return [];
    return argumentsIn(inner, depth - 1).map((nested) => ({
      path: [name, ...nested.path],
      schema: nested.schema,
      fill: (text) => fits({ [name]: nested.fill(text) }),
    }));
  });
}

const URL_NAME =
  /(?:^|[_-])(?:ur[il]|href|link|endpoint|webhook|callback|feed|(?:web)?site|page)s?$|(?:U(?:RL|RI|rl|ri)|Href|Link|Endpoint|Webhook|Callback|Feed|Site)s?$/;
const PATH_NAME =
  /(?:^|[_-])(?:path|file|filename|filepath|dir|directory|folder)s?$|(?:Path|File(?:[nN]ame)?|Dir(?:ectory)?|Folder)s?$/;
const COMMAND_NAME =
  /(?:^|[_-])(?:cmd|command|shell|script|exec|sql|code|eval|expression)s?$|(?:Command|Script|Sql|SQL|Code)s?$/;

const nameOf = ({ path }: TextArgument) => path.at(-1) ?? '';

/** The arguments that take a URL: first those with a URL format, then those with a URL name. */
export function urlArgumentsOf(tool: ListedTool): readonly TextArgument[] {
  const all = textArgumentsOf(tool);
  const byFormat = all.filter(({ schema }) => /^ur[il](?:-reference)?$/.test(String(schema['format'])));
  const byName = all.filter((one) => URL_NAME.test(nameOf(one)));
  const byText = all.filter(({ schema }) => /\bURLs?\b|\bhttps?:\/\//.test(String(schema['description'])));
  return [...new Set([...byFormat, ...byName, ...byText])];
}

export const isPathArgument = (one: TextArgument): boolean => PATH_NAME.test(nameOf(one));
export const isCommandArgument = (one: TextArgument): boolean => COMMAND_NAME.test(nameOf(one));

/** Arguments that fit a simple schema. */
export function argumentsFor({ inputSchema }: ListedTool): Record<string, unknown> {
  return requiredOf(inputSchema);
}

function requiredOf(schema: Schema): Record<string, unknown> {
  const { required } = schema;
  const properties = objectOf(schema['properties']);
  const names = Array.isArray(required) ? required.map(String) : [];
  return Object.fromEntries(names.map((name) => [name, exampleOf(objectOf(properties[name]))]));
}

function exampleOf(schema: Schema): unknown {
  const { enum: values, default: preset, examples, minimum, const: only } = schema;
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  if (preset !== undefined) return preset;
  if (only !== undefined) return only;
  if (Array.isArray(values)) return values[0];
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  if (type === 'number' || type === 'integer') return typeof minimum === 'number' ? minimum : 1;
  if (type === 'boolean') return false;
  const atLeast = (name: string) => Math.min(MAX_LEAST, Number(schema[name]) || 0);
  if (type === 'array')
    return Array.from({ length: atLeast('minItems') }, () => exampleOf(objectOf(schema['items'])));
  if (type === 'object') return requiredOf(schema);
  return EXAMPLES[String(schema['format'])] ?? 'p'.repeat(Math.max(1, atLeast('minLength')));
}

/** Longest example that a schema can demand. */
const MAX_LEAST = 100;
/** An example of each format that a tool could check before it does anything. */
const EXAMPLES: Readonly<Record<string, string>> = {
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
  email: 'doctor@example.com',
  hostname: 'example.com',
  time: '00:00:00Z',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
