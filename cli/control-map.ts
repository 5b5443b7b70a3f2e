import { readFileSync, writeFileSync } from 'node:fs';
import { controlMap } from '../infra/rules/control-map.ts';

const SECURITY = new URL('../SECURITY.md', import.meta.url);
const BLOCK = /(<!-- controls -->\n)[\s\S]*(<!-- \/controls -->)/;

/** Writes the table of controls into SECURITY.md: `npm run controls`. */
const text = readFileSync(SECURITY, 'utf8');
writeFileSync(
  SECURITY,
  text.replace(BLOCK, (_match, start, end) => `${start}${controlMap()}\n${end}`),
);
