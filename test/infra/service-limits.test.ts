import { describe, expect, test } from '@jest/globals';
import { capacity } from '../../cli/cost/resources/firewalls.ts';
import { findingsOf } from '../../infra/rules/hardened.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import type { OptionSchema } from '../../scripts/docs/option-docs.ts';
import { combinations } from './combinations.ts';
import { ENDS, type End, SCHEMA } from './option-ends.ts';
import { only, template } from './templates.ts';

const ends = ['lower', 'upper'] as const;
const each = ends.flatMap((end) =>
  Object.entries(ENDS[end]).map(([kind, config]) => [`${end} ends, ${kind}`, config] as const),
);

/** Values that an option has in any of the stages; `[]` is an item of a list. */
function valuesOf(stages: readonly unknown[], path: string): unknown[] {
  return path.split('.').reduce<unknown[]>(
    (found, part) =>
      found.flatMap((value) => {
        const [name = '', list] = part.split('[]');
        const inner = (value as Record<string, unknown>)[name];
        return inner === undefined ? [] : list === undefined ? [inner] : (inner as unknown[]);
      }),
    [...stages],
  );
}

/** Numbers, texts and lists with the numbers that bound them, by path. One of a few words exceeds nothing. */
function bounded(schema: OptionSchema, path = ''): { path: string; lower?: number; upper?: number }[] {
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([name, option]) =>
      bounded(option, path ? `${path}.${name}` : name),
    );
  }
  if (schema.type === 'array') {
    const { minItems, maxItems, characters, items = {} } = schema;
    const upper = characters === undefined && maxItems !== undefined ? { upper: maxItems } : {};
    // An empty list is what a stage without the option has.
    const lower = minItems ? { lower: minItems } : {};
    return [{ path, ...lower, ...upper }, ...bounded(items, `${path}[]`)];
  }
  if (schema.enum || schema.type === 'boolean') return [];
  if (schema.type !== 'integer') return [{ path }];
  return [{ path, lower: Number(schema.minimum), upper: Number(schema.maximum) }];
}

/** The number that a bound is about. */
function measured(value: unknown): unknown {
  return Array.isArray(value) ? value.length : value;
}

describe('every option', () => {
  test.each(bounded(SCHEMA))(
    '$path is in a stage at its lower and at its upper end',
    ({ path, lower, upper }) => {
      for (const [end, bound] of [
        ['lower', lower],
        ['upper', upper],
      ] as const) {
        const values = valuesOf(Object.values(ENDS[end as End]), path);
        expect(values).not.toEqual([]);
        if (bound !== undefined) expect(values.map(measured)).toContain(bound);
      }
    },
  );
});

describe.each(each)('a stage at its %s', (_name, config) => {
  test('has nothing that is larger than its service takes', () => {
    const found = findingsOf(template(config).toJSON()).filter(({ rule }) => rule.id === 'ServiceLimits');
    expect(found).toEqual([]);
  });

  test('has a web ACL of at most 5000 capacity units', () => {
    expect(units(config)).toBeLessThanOrEqual(5000);
  });
});

test.each(Object.entries<StageConfig>(combinations))(
  'the web ACL of %s takes at most the 1500 capacity units that are in its price',
  (_name, config) => {
    expect(units(config)).toBeLessThanOrEqual(1500);
  },
);

/** Capacity of the web ACL (AWS WAF Developer Guide, "Web ACL capacity units"). */
function units(config: StageConfig): number {
  const { Rules } = only(template(config), 'AWS::WAFv2::WebACL').Properties;
  return Rules.reduce((sum: number, { Statement }: { Statement: object }) => sum + capacity(Statement), 0);
}
