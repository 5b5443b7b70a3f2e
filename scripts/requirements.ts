import { writeFileSync } from 'node:fs';
import { readArguments } from '../cli/arguments.ts';
import { summary } from './requirements/lists.ts';
import { requirementsPage } from './requirements/page.ts';
import { prove } from './requirements/prove.ts';

const options = readArguments(
  `usage: npm run requirements [-- --prove]
Writes docs/requirements.md from the lists in scripts/requirements.
  --prove   writes nothing; breaks controls in a copy of the source, one at a time, and exits with 1 unless their tests fail`,
  { options: { prove: { type: 'boolean', default: false } } },
  ({ values }) => values,
);
const say = (line: string) => void process.stdout.write(`${line}\n`);

if (options.prove) {
  process.exitCode = prove(say) ? 0 : 1;
} else {
  writeFileSync(new URL('../docs/requirements.md', import.meta.url), requirementsPage());
  say(summary());
}
