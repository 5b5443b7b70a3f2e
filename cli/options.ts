import { writeFileSync } from 'node:fs';
import { readArguments } from './arguments.ts';
import { optionDocs } from './pages/option-docs.ts';
import { optionTable } from './pages/option-table.ts';

readArguments(
  'usage: npm run options\nWrites docs/configuration.md, from the doc comments of the options.',
  {},
  () => {},
);

writeFileSync(new URL('../docs/configuration.md', import.meta.url), optionTable(optionDocs()));
