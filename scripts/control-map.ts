import { readFileSync, writeFileSync } from 'node:fs';
import { readArguments } from '../cli/arguments.ts';
import { controlMap } from '../infra/rules/control-map.ts';

const SECURITY = new URL('../SECURITY.md', import.meta.url);
const BLOCK = /(<!-- controls -->\n)[\s\S]*(<!-- \/controls -->)/;

readArguments(
  'usage: npm run controls\nWrites the table of controls into SECURITY.md, from the rules.',
  {},
  () => {},
);

const text = readFileSync(SECURITY, 'utf8');
writeFileSync(
  SECURITY,
  text.replace(BLOCK, (_match, start, end) => `${start}${controlMap()}\n${end}`),
);
