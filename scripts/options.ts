import { writeFileSync } from 'node:fs';
import { readArguments } from '../cli/arguments.ts';
import { optionDocs } from './docs/option-docs.ts';
import { optionTable } from './docs/option-table.ts';

readArguments(
  'usage: npm run options\nWrites docs/configuration.md, from the doc comments of the options.',
  {},
  () => {},
);

writeFileSync(new URL('../docs/configuration.md', import.meta.url), optionTable(optionDocs()));
