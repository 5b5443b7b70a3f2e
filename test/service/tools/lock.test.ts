import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { currentDefinitions, DEFINITIONS_FILE } from '../../../scripts/tools/definitions.ts';

test('names, texts, schemas, annotations and scopes of the tools are those of the lock file: npm run tools:lock', async () => {
  const text = readFileSync(new URL(`../../../${DEFINITIONS_FILE}`, import.meta.url), 'utf8');
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(await currentDefinitions())));
});
