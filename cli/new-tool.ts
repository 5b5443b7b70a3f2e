import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.ts';
import { fillExample, KINDS, type Kind, listTool, nameTool, serveTool, stageEntry } from './tool-template.ts';

const USAGE = `usage: npm run -s new-tool -- NAME [--kind plain|http|aws]
Creates service/tools/NAME.ts and its test from an example, adds the tool to the list service/tools/index.ts, and to the tools of
the stages in infra/config.ts. An existing file is never overwritten.
NAME is the name that clients call: 1 to 64 letters, digits, _ and -.
  --kind plain   computes its result (service/tools/example.ts); the default
  --kind http    calls an HTTP API of your own network with a secret (service/tools/example-http.ts)
  --kind aws     calls AWS, here a query of DynamoDB (service/tools/example-aws.ts)`;

const command = readArguments(
  USAGE,
  { allowPositionals: true, options: { kind: { type: 'string', default: 'plain' } } },
  ({ positionals: [name, ...rest], values: { kind } }) => {
    if (name === undefined || rest.length > 0) throw new Error('exactly one name is required');
    if (!Object.hasOwn(KINDS, kind))
      throw new Error(`--kind must be one of ${Object.keys(KINDS).join(', ')}, got ${JSON.stringify(kind)}`);
    return { tool: nameTool(name), kind: kind as Kind };
  },
);
const root = new URL('..', import.meta.url);
const at = (path: string) => fileURLToPath(new URL(path, root));
const read = (path: string) => readFileSync(at(path), 'utf8');
const INDEX = 'service/tools/index.ts';
const CONFIG = 'infra/config.ts';

try {
  const { tool, kind } = command;
  const { file } = KINDS[kind];
  const files = [
    [`service/tools/${file}.ts`, `service/tools/${tool.file}.ts`],
    [`test/service/tools/${file}.test.ts`, `test/service/tools/${tool.file}.test.ts`],
  ] as const;
  for (const [, path] of files) if (existsSync(at(path))) throw new Error(`${path} exists already`);
  const entry = stageEntry(read(`service/tools/${file}.ts`), kind, tool);
  const changed = [
    [INDEX, listTool(read(INDEX), tool)],
    [CONFIG, serveTool(read(CONFIG), entry)],
  ] as const;
  const texts = files.map(([from, to]) => [to, fillExample(read(from), kind, tool)] as const);
  for (const [path, text] of texts) writeFileSync(at(path), text, { flag: 'wx' });
  for (const [path, text] of changed) if (text !== undefined) writeFileSync(at(path), text);
  const written = [...texts, ...changed].flatMap(([path, text]) => (text === undefined ? [] : [path]));
  execFileSync(
    process.execPath,
    [at('node_modules/@biomejs/biome/bin/biome'), 'check', '--write', ...written],
    { cwd: at('.'), stdio: ['ignore', 'ignore', 'inherit'] },
  );
  process.stdout.write(`${written.join('\n')}\n`);
  // It is a development tool here, because no tool of the kit is bundled with it.
  const sdk = kind === 'aws' ? ', and run npm install --save-prod --save-exact @aws-sdk/client-dynamodb' : '';
  const missing = written.includes(CONFIG) ? '' : ` and add ${entry} to the tools of its stages`;
  process.stderr.write(
    `Next: in ${CONFIG}, grant the scope ${tool.name} to clients${missing}${sdk}. Then run npm run tools:lock.\n`,
  );
  if (kind !== 'plain')
    process.stderr.write(
      `npm start needs the values of the tool in MCP_TOOL_CONFIG: docs/tools.md, Values of a stage.\n`,
    );
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
