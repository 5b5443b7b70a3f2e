import { describe, expect, test } from '@jest/globals';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { stages } from './stages.ts';
import { templateDiff } from './template-diff.ts';
import { template } from './templates.ts';

/** Hashes of assets change with every edit of the service; that is no change of the stack. */
function normalised(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(/[0-9a-f]{64}/g, 'HASH'));
}

/** Paths of empty lists: CloudFormation refuses most of them, and none says anything that leaving it out does not. */
function emptyLists(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value) && value.length === 0) return [path];
  return Object.entries(value).flatMap(([key, inner]) => emptyLists(inner, `${path}/${key}`));
}

const prod = normalised(template(stages.prod).toJSON());

test('the template of prod changes only on purpose', () => {
  expect(prod).toMatchSnapshot();
});

test('the template of dev differs from that of prod only on purpose', () => {
  expect(templateDiff(prod, normalised(template(stages.dev).toJSON()))).toMatchSnapshot();
});

describe.each(Object.entries<StageConfig>(combinations))(
  'the template of combination %s',
  (_name, config) => {
    test('has no empty list in any property', () => {
      expect(emptyLists(template(config).toJSON()['Resources'])).toEqual([]);
    });
  },
);
