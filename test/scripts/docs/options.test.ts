import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { optionDocs, stageSchema } from '../../../scripts/docs/option-docs.ts';
import { optionTable } from '../../../scripts/docs/option-table.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('docs/configuration.md', () => {
  test('is generated from the schemas: run npm run options', () => {
    expect(optionTable(optionDocs())).toBe(read('docs/configuration.md'));
    expect(`${JSON.stringify(stageSchema(), null, 2)}\n`).toBe(read('docs/configuration.schema.json'));
  });

  test('has a row for each option with its text, bounds and default', () => {
    const option = { type: 'integer', description: 'How many.', minimum: 1, maximum: 3, default: 2 };
    const page = optionTable(optionDocs({ properties: { group: { default: {}, properties: { option } } } }));
    expect(page).toContain('| `group.option` | How many. | integer, 1–3 | `2` |');
  });

  test('fails for an option without a description or a default', () => {
    expect(() => optionDocs({ properties: { bare: { type: 'string', default: '' } } })).toThrow(
      'bare has no description',
    );
    expect(() => optionDocs({ properties: { bare: { type: 'string', description: 'It.' } } })).toThrow(
      'bare must have a default',
    );
  });

  test('has the options within lists and groups', () => {
    const paths = optionDocs().map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['secrets.clients[].scopes', 'task.oauth.issuer']));
    expect(new Set(paths).size).toBe(paths.length);
  });
});
