import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { CfnResource, Stack } from 'aws-cdk-lib/core';
import { assertHardened, type Finding, findingsOf, RULES } from '../../infra/rules/hardened.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { ruleTables } from '../../scripts/docs/rule-tables.ts';
import { combinations } from './combinations.ts';
import { MUTANTS, type Mutant, REPOSITORY_MUTANTS } from './mutants.ts';
import { mutate, nameOf } from './mutate.ts';
import { app } from './stage-app.ts';
import { stages } from './stages.ts';
import { template } from './templates.ts';
import { statedBy } from './tools.ts';

type Combination = keyof typeof combinations;

const all = Object.values(RULES).flat();
const isProduction = (config: StageConfig) => config.terminationProtection !== false;

/** Rules that ask less of a stage which is not production, so that their mutants say something on `dev` too. */
const dependent = new Set(MUTANTS.flatMap(({ production, rule }) => (production ? [rule] : [])));
const stagesOf = ({ of, production, rule }: Mutant): Combination[] =>
  of === undefined && !production && dependent.has(rule) ? ['prod', 'dev'] : [of ?? 'prod'];
const tried = (Object.keys(combinations) as Combination[]).flatMap((stage) => {
  const mutants = MUTANTS.filter((mutant) => stagesOf(mutant).includes(stage));
  return mutants.length > 0 ? [[stage, mutants] as const] : [];
});

const score = { weakened: 0, caught: 0 };
afterAll(() => {
  if (score.weakened === 0) return;
  const percent = ((100 * score.caught) / score.weakened).toFixed(1);
  process.stderr.write(
    `${all.length} rules, ${MUTANTS.length} mutants: ${score.caught} of ${score.weakened} weakened templates caught (${percent} %)\n`,
  );
});

/** Whether a rule is among the findings; an error counts as a miss, so that the test names its mutant. */
function outcomeOf(id: string, find: () => readonly Finding[]): string {
  try {
    return find().some(({ rule }) => rule.id === id) ? 'caught' : 'missed';
  } catch (error) {
    return String(error);
  }
}

describe('the rules', () => {
  test.each(Object.entries<StageConfig>(combinations))('find nothing in %s', (_name, config) => {
    assertHardened(template(config).toJSON(), { production: isProduction(config), stated: statedBy(config) });
  });

  const weakened = tried.map(([stage, mutants]) => {
    const config: StageConfig = combinations[stage];
    const options = { production: isProduction(config), stated: statedBy(config) };
    return { stage, mutants, json: template(config).toJSON(), options };
  });
  const mutated = all.filter(({ id }) => MUTANTS.some(({ rule }) => rule === id));

  test.each(mutated.map(({ id }) => [id]))('%s catches its mutants', (id) => {
    const outcomes = weakened.flatMap(({ stage, mutants, json, options }) =>
      mutants
        .filter(({ rule }) => rule === id)
        .map((mutant) => ({
          mutant: `${stage} ${nameOf(mutant)}`,
          outcome: outcomeOf(id, () => findingsOf(mutate(json, mutant), options)),
        })),
    );
    const missed = outcomes.filter(({ outcome }) => outcome !== 'caught');
    score.weakened += outcomes.length;
    score.caught += outcomes.length - missed.length;
    expect(missed).toEqual([]);
    expect(outcomes).not.toEqual([]);
  });

  test('have a mutant each, and at least 120 over all', () => {
    const mutated = new Set([...MUTANTS, ...REPOSITORY_MUTANTS].map(({ rule }) => rule));
    expect(all.map(({ id }) => id).filter((id) => !mutated.has(id))).toEqual([]);
    expect(MUTANTS.length).toBeGreaterThanOrEqual(120);
    const run = new Set(tried.flatMap(([, mutants]) => mutants));
    expect(MUTANTS.filter((mutant) => !run.has(mutant))).toEqual([]);
  });

  test('have names of their own', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ control }) => control)).size).toBe(all.length);
  });

  test('name a file that exists, which the table links to', () => {
    const missing = all.filter(({ file }) => !existsSync(new URL(`../../${file}`, import.meta.url)));
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  test('report all problems in one error of assertHardened', () => {
    const json = template(stages.prod).toJSON();
    const task = MUTANTS.filter(({ rule }) => ['NoShell', 'NonRootUser'].includes(rule));
    const weakened = task.filter(({ value }) => value === undefined).reduce(mutate, json);
    expect(() => assertHardened(weakened)).toThrow(
      /^the template is not hardened:\n {2}- NonRootUser: TaskDefinition\w+: mcp: User must be UID:GID above 0, got nothing \(.*\)\n {2}- NoShell: ServiceService\w+: EnableExecuteCommand must be false, got nothing/,
    );
  });

  test('can be acknowledged by a fork, and an acknowledgement without a violation is refused', () => {
    const json = template(stages.prod).toJSON();
    const [shell] = MUTANTS.filter(({ rule }) => rule === 'NoShell');
    if (shell === undefined) throw new Error('no mutant');
    const acknowledged = ['NoShell'];
    expect(() => assertHardened(mutate(json, shell), { acknowledged })).not.toThrow();
    expect(() => assertHardened(json, { acknowledged })).toThrow('acknowledged, but not broken: NoShell');
  });

  test('fail a synth, also where a raw override undoes what a construct set', () => {
    const weakened = app('dev');
    const service = (weakened.node.findChild('Mcp-dev') as Stack).node
      .findAll()
      .find((node) => (node as CfnResource).cfnResourceType === 'AWS::ECS::Service') as CfnResource;
    service.addPropertyOverride('EnableExecuteCommand', true);
    expect(() => weakened.synth()).toThrow(/validation/i);
  });
});

test('docs/controls.md shows the rules that are enforced; npm run controls writes it', () => {
  const controls = readFileSync(new URL('../../docs/controls.md', import.meta.url), 'utf8');
  expect(controls.split(/<!-- (?:end of )?rules -->\n/)[1]?.trimEnd()).toBe(ruleTables());
});
