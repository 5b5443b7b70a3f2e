import { describe, expect, test } from '@jest/globals';
import type { OptionDoc } from '../../../scripts/docs/option-docs.ts';
import { updateColumn } from '../../../scripts/updates/column.ts';
import type { Effect } from '../../../scripts/updates/effect.ts';

const nothing: Effect = { newTasks: false, replaced: [], added: [], removed: [], refused: [], lost: [] };
const option = (update?: string): OptionDoc => ({
  path: 'group.option',
  required: false,
  schema: { type: 'string', ...(update && { update }) },
});
const cell = (effects: Partial<Effect>[], update?: string) =>
  updateColumn([option(update)], {
    'group.option': effects.map((effect) => ({ ...nothing, ...effect })),
  }).get('group.option');

describe('the effect of a change on a running stage', () => {
  test.each<[Partial<Effect>[], string | undefined, string]>([
    [[{}], undefined, 'in place'],
    [[{ newTasks: true }], undefined, 'new tasks'],
    [[{}, { newTasks: true }], undefined, 'new tasks'],
    [[{ newTasks: true, replaced: ['EC2::Route'] }], undefined, 'new tasks; replaces `EC2::Route`'],
    [[{ added: ['SNS::Topic'] }, { removed: ['SNS::Topic'] }], undefined, 'adds or removes `SNS::Topic`'],
    [[{ added: ['EC2::Route'], removed: ['EC2::Route'] }], undefined, 'replaces `EC2::Route`'],
    [[{ added: ['A', 'B', 'C', 'D'] }], undefined, 'adds or removes `A`, `B`, `C`, `D`'],
    [[{ added: ['A', 'B', 'C', 'D', 'E'] }], undefined, 'adds or removes `A`, `B`, `C` and 2 more types'],
    [[{ removed: ['S3::Bucket'], lost: ['it'] }], 'it stays', 'adds or removes `S3::Bucket`: it stays'],
    [
      [{ replaced: ['EC2::VPC'], refused: ['it'] }],
      'make a new one',
      '**not in a running stage**: make a new one',
    ],
  ])('%j with the statement %j is %j', (effects, statement, text) => {
    expect(cell(effects, statement)).toBe(text);
  });
});

describe('npm run options and npm test refuse', () => {
  test('an option without a change, and say where to add one', () => {
    expect(() => updateColumn([option()], {})).toThrow(
      'group.option has no change: add one to scripts/updates/changes.ts',
    );
  });

  test('an optional group without a change', () => {
    const group: OptionDoc = { path: 'group', required: false, schema: { absent: 'none', properties: {} } };
    expect(() => updateColumn([group], {})).toThrow('group has no change');
  });

  test('a change of something that is no option', () => {
    expect(() => updateColumn([], { renamed: [nothing] })).toThrow(
      'renamed in scripts/updates/changes.ts is no option',
    );
  });

  test.each(['refused', 'lost'])('a change with effects %s that the option does not state', (list) => {
    const hazard = 'S3::Bucket X is deleted';
    expect(() => cell([{ [list]: [hazard] }])).toThrow(`must say so with .meta({ update: '…' })`);
    expect(() => cell([{ [list]: [hazard] }])).toThrow(hazard);
  });

  test('a statement that no change bears out', () => {
    expect(() => cell([{ newTasks: true }], 'careful')).toThrow('its changes are safe');
  });
});
