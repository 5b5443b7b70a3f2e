import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.ts';
import { listTool, nameTool } from './tool-template.ts';

const USAGE = `usage: npm run -s new-tool -- NAME
Writes service/tools/NAME.ts and its test after the pattern of service/tools/example.ts, and puts the tool into the list.
NAME is what clients call: 1 to 64 of letters, digits, _ and -; an existing file is never overwritten.`;

const names = readArguments(USAGE, { allowPositionals: true }, ({ positionals: [name, ...rest] }) => {
  if (name === undefined || rest.length > 0) throw new Error('one name must be given');
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
