type Json = Record<string, unknown>;
type Headers = [string, string][];

interface Message {
  readonly body: Json;
  readonly headers: Headers;
}

/** Damages a message in place, or makes it unusual. */
export type Mutation = (message: Message) => void;

const VALUES = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  1e300,
  '',
  'x',
  '2026-07-28',
  [],
  [1],
  {},
  { a: 1 },
  ''.padEnd(3000, 'x'),
];
/** A placeholder for a member that cannot be assigned to a JavaScript object. */
const PROTO = 'PROTO-MEMBER';

const params = ({ body }: Message) => (body['params'] ?? {}) as Json;
const meta = (message: Message) => (params(message)['_meta'] ?? {}) as Json;
const input = (message: Message) => (params(message)['arguments'] ?? {}) as Json;
const KEY = 'io.modelcontextprotocol/';

/** Removes, replaces with each value, or adds a member of the object that `at` finds. */
function members(at: (message: Message) => unknown, names: readonly string[]): Mutation[] {
  const change = (edit: (object: Json) => void) => (message: Message) => {
    const object = at(message);
    if (typeof object === 'object' && object !== null) edit(object as Json);
  };
  return names.flatMap((name) => [
    change((object) => {
      delete object[name];
    }),
    ...VALUES.map((value) =>
      change((object) => {
        // A copy, because a later mutation may change it.
        object[name] = structuredClone(value);
      }),
    ),
  ]);
}

function header(name: string, values: readonly (string | undefined)[]): Mutation[] {
  return values.map((value) => ({ headers }: Message) => {
    const index = headers.findIndex(([each]) => each === name);
    if (value === undefined) headers.splice(index, index < 0 ? 0 : 1);
    else if (index < 0) headers.push([name, value]);
    else headers[index] = [name, value];
  });
}

function twice(name: string): Mutation {
  return ({ headers }) => {
    const found = headers.find(([each]) => each === name);
    if (found !== undefined) headers.push([...found]);
  };
}

const MODERN = ['mcp-protocol-version', 'mcp-method', 'mcp-name'];

/** Mistakes of clients and attackers: in members, types, headers, and additional members. */
export const MUTATIONS: readonly Mutation[] = [
  ...members(({ body }) => body, ['jsonrpc', 'id', 'method', 'params', 'result', 'error', 'extra', PROTO]),
  ...members(params, [
    'name',
    'arguments',
    '_meta',
    'cursor',
    'task',
    'inputResponses',
    'requestState',
    'extra',
    PROTO,
  ]),
  ...members(meta, [
    ...['protocolVersion', 'clientInfo', 'clientCapabilities', 'logLevel', 'extra'].map((name) => KEY + name),
    ...['progressToken', 'traceparent', 'extra', PROTO],
  ]),
  ...members(
    (message) => meta(message)[`${KEY}clientInfo`],
    ['name', 'version', 'title', 'icons', 'extra', PROTO],
  ),
  ...members(
    (message) => meta(message)[`${KEY}clientCapabilities`],
    ['sampling', 'elicitation', 'roots', 'tasks', 'extensions', 'experimental', 'extra', PROTO],
  ),
  ...members(input, ['text', 'api_key', 'extra', PROTO]),
  ...header('mcp-protocol-version', [
    undefined,
    '2025-11-25',
    '2025-06-18',
    '2099-01-01',
    'x',
    '',
    ' 2026-07-28 ',
  ]),
  ...header('mcp-method', [undefined, 'tools/list', 'tools/call', 'TOOLS/CALL', ' tools/call', '']),
  ...header('mcp-name', [undefined, 'echo', 'Echo', ' echo ', '=?base64?ZWNobw==?=', '=?base64?!?=', '']),
  ...header('mcp-param-text', ['hi', 'x', '=?base64?eA==?=']),
  ...MODERN.map(twice),
  ...MODERN.map(
    (name): Mutation =>
      ({ headers }) => {
        const found = headers.find(([each]) => each === name);
        if (found !== undefined) found[0] = name.toUpperCase();
      },
  ),
];

/** A message as text and header lines, with each of the mutations in turn. */
export function mutated(
  message: { readonly body: Json; readonly headers: Readonly<Record<string, string>> },
  mutations: readonly Mutation[],
): { readonly body: string; readonly headers: Headers } {
  const copy: Message = {
    body: structuredClone(message.body),
    headers: Object.entries(message.headers).map(([name, value]) => [name, value]),
  };
  for (const mutate of mutations) mutate(copy);
  return { body: JSON.stringify(copy.body).replaceAll(PROTO, '__proto__'), headers: copy.headers };
}
