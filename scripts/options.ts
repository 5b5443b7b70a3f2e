import { writeFileSync } from 'node:fs';
import { readArguments } from '../cli/arguments.ts';
import { optionDocs, stageSchema } from './docs/option-docs.ts';
import { optionTable } from './docs/option-table.ts';

readArguments(
  'usage: npm run options\nWrites docs/configuration.md and docs/configuration.schema.json from the schemas of the options.',
  {},
  () => {},
);

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('configuration.md', docs), optionTable(optionDocs()));
writeFileSync(new URL('configuration.schema.json', docs), `${JSON.stringify(stageSchema(), null, 2)}\n`);
