import { writeFileSync } from 'node:fs';
import { optionDocs } from './pages/option-docs.ts';
import { optionTable } from './pages/option-table.ts';

/** Writes docs/configuration.md from the doc comments of the options: `npm run options`. */
writeFileSync(new URL('../docs/configuration.md', import.meta.url), optionTable(optionDocs()));
