import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.ts';
import { listTool, nameTool } from './tool-template.ts';

const USAGE = `usage: npm run -s new-tool -- NAME
Creates service/tools/NAME.ts and its test from service/tools/example.ts, and adds the tool to the list.
NAME is the name that clients call: 1 to 64 letters, digits, _ and -. An existing file is never overwritten.`;

const names = readArguments(USAGE, { allowPositionals: true }, ({ positionals: [name, ...rest] }) => {
  if (name === undefined || rest.length > 0) throw new Error('exactly one name is required');
  return nameTool(name);
});
const root = new URL('..', import.meta.url);
const at = (path: string) => fileURLToPath(new URL(path, root));
const INDEX = 'service/tools/index.ts';

try {
  const files = [
    ['service/tools/example.ts', `service/tools/${names.file}.ts`],
    ['test/service/tools/example.test.ts', `test/service/tools/${names.file}.test.ts`],
  ] as const;
  for (const [, path] of files) if (existsSync(at(path))) throw new Error(`${path} exists already`);
  const list = listTool(readFileSync(at(INDEX), 'utf8'), names);
  const texts = files.map(([from, to]) => [to, names.fill(readFileSync(at(from), 'utf8'))] as const);
  for (const [path, text] of texts) writeFileSync(at(path), text, { flag: 'wx' });
  writeFileSync(at(INDEX), list);
  const written = [...texts.map(([path]) => path), INDEX];
  execFileSync(
    process.execPath,
    [at('node_modules/@biomejs/biome/bin/biome'), 'check', '--write', ...written],
    { cwd: at('.'), stdio: ['ignore', 'ignore', 'inherit'] },
  );
  process.stdout.write(`${written.join('\n')}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
