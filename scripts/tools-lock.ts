import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readArguments } from '../cli/arguments.ts';
import { currentDefinitions, DEFINITIONS_FILE } from './tools/definitions.ts';

readArguments(
  `usage: npm run tools:lock
Writes ${DEFINITIONS_FILE}: names, titles, descriptions, schemas, annotations and scopes of the tools in
service/tools, with a hash each. A test fails while the file differs from the tools. Review its difference: models read it.`,
  {},
  () => {},
);

const root = new URL('../', import.meta.url);
writeFileSync(new URL(DEFINITIONS_FILE, root), `${JSON.stringify(await currentDefinitions(), null, 2)}\n`);
const biome = fileURLToPath(new URL('node_modules/@biomejs/biome/bin/biome', root));
execFileSync(process.execPath, [biome, 'format', '--write', DEFINITIONS_FILE], {
  cwd: fileURLToPath(root),
  stdio: ['ignore', 'ignore', 'inherit'],
});
