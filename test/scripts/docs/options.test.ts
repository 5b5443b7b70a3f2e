import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { optionDocs, stageSchema } from '../../../scripts/docs/option-docs.ts';
import { optionTable } from '../../../scripts/docs/option-table.ts';
import { updateColumn } from '../../../scripts/updates/column.ts';
import { computed } from '../updates/computed.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

const { effects } = computed();

describe('docs/configuration.md', () => {
  test('is generated from the schemas and from changes of a running stage: run npm run options', () => {
    const options = optionDocs();
    expect(optionTable(options, updateColumn(options, effects))).toBe(read('docs/configuration.md'));
    expect(`${JSON.stringify(stageSchema(), null, 2)}\n`).toBe(read('docs/configuration.schema.json'));
  });

  test('has a row for each option with its text, bounds, default and the effect of a change', () => {
    const option = { type: 'integer', description: 'How many.', minimum: 1, maximum: 3, default: 2 };
    const options = optionDocs({ properties: { group: { default: {}, properties: { option } } } });
    const page = optionTable(options, new Map([['group.option', 'in place']]));
    expect(page).toContain('| `group.option` | How many. | integer, 1–3 | `2` | in place |');
  });

  test('says of an optional part what adding or removing it does', () => {
    const part = { absent: 'none', properties: {} };
    const page = optionTable(optionDocs({ properties: { part } }), new Map([['part', 'new tasks']]));
    expect(page).toContain('To add or remove the group in a running stage: new tasks.');
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
