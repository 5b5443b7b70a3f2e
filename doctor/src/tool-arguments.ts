/** A tool from `tools/list`. All members are claims of the server. */
export interface ListedTool {
  readonly name: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly annotations: Readonly<Record<string, unknown>>;
}

const MAX_TOOLS = 200;

export function toolsOf(result: Readonly<Record<string, unknown>> | undefined): readonly ListedTool[] {
  const { tools } = (result ?? {}) as { tools?: unknown };
  if (!Array.isArray(tools)) return [];
  return tools.slice(0, MAX_TOOLS).flatMap((tool: unknown) => {
    const { name, inputSchema, annotations } = objectOf(tool);
    if (typeof name !== 'string') return [];
    return [{ name, inputSchema: objectOf(inputSchema), annotations: objectOf(annotations) }];
  });
}

const URL_NAME =
  /(?:^|[_-])(?:ur[il]|href|link|endpoint|webhook|callback|feed|site|page)s?$|U(?:RL|RI|rl|ri)$/;

/** The name of the tool's URL argument, found by format or by name. */
export function urlArgumentOf({ inputSchema }: ListedTool): string | undefined {
  const properties = Object.entries(objectOf(inputSchema['properties']));
  const [name] =
    properties.find(([, schema]) => /^ur[il]$/.test(String(objectOf(schema)['format']))) ??
    properties.find(([key, schema]) => URL_NAME.test(key) && objectOf(schema)['type'] !== 'array') ??
    [];
  return name;
}

/** Arguments that fit a simple schema, including `given`. */
export function argumentsFor(
  { inputSchema }: ListedTool,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const properties = objectOf(inputSchema['properties']);
  const { required } = inputSchema;
  const names = Array.isArray(required) ? required.map(String) : [];
  return {
    ...Object.fromEntries(names.map((name) => [name, exampleOf(objectOf(properties[name]))])),
    ...given,
  };
}

function exampleOf({
  type,
  enum: values,
  default: preset,
  minimum,
}: Readonly<Record<string, unknown>>): unknown {
  if (preset !== undefined) return preset;
  if (Array.isArray(values)) return values[0];
  if (type === 'number' || type === 'integer') return typeof minimum === 'number' ? minimum : 1;
  if (type === 'boolean') return false;
  if (type === 'array') return [];
  if (type === 'object') return {};
  return 'p';
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
