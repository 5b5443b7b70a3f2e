import { readFileSync, writeFileSync } from 'node:fs';
import { readArguments } from '../cli/arguments.ts';
import { tools } from '../service/tools/index.ts';
import { optionDocs, stageSchema } from './docs/option-docs.ts';
import { optionTable } from './docs/option-table.ts';
import { toolPage } from './docs/tool-table.ts';
import { updateColumn } from './updates/column.ts';
import { synthesizer } from './updates/deployed.ts';
import { effects } from './updates/effects.ts';
import { pinned } from './updates/pinned.ts';

const { release } = readArguments(
  `usage: npm run options [-- --release]
Writes docs/tool-list.md from the statements of the tools, and docs/configuration.md and docs/configuration.schema.json from the
schemas of the options. The column about running stages
is computed from templates, which takes 20 seconds.
  --release   also writes scripts/updates/released.json, the resources of a release whose logical ids must stay`,
  { options: { release: { type: 'boolean', default: false } } },
  ({ values }) => values,
);

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('tool-list.md', docs), toolPage(tools));
const options = optionDocs();
const stageOf = synthesizer();
writeFileSync(new URL('configuration.schema.json', docs), `${JSON.stringify(stageSchema(), null, 2)}\n`);
writeFileSync(
  new URL('configuration.md', docs),
  optionTable(options, updateColumn(options, effects(stageOf))),
);

if (release) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const released = { version, ...pinned(stageOf) };
  writeFileSync(new URL('updates/released.json', import.meta.url), `${JSON.stringify(released, null, 2)}\n`);
}
