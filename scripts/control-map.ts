import { readFileSync, writeFileSync } from 'node:fs';
import { readArguments } from '../cli/arguments.ts';
import { ruleTables } from './docs/rule-tables.ts';

const CONTROLS = new URL('../docs/controls.md', import.meta.url);
const BLOCK = /(<!-- rules -->\n)[\s\S]*(<!-- end of rules -->)/;

readArguments(
  'usage: npm run controls\nWrites the tables of rules into docs/controls.md, from infra/rules and their mutants.',
  {},
  () => {},
);

const text = readFileSync(CONTROLS, 'utf8');
writeFileSync(
  CONTROLS,
  text.replace(BLOCK, (_match, start, end) => `${start}${ruleTables()}\n${end}`),
);
