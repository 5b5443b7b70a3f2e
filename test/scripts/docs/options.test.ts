import { describe, expect, test } from '@jest/globals';
import { optionDocs } from '../../../scripts/docs/option-docs.ts';
import { optionTable } from '../../../scripts/docs/option-table.ts';

describe('docs/configuration.md', () => {
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
