import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import { App } from 'aws-cdk-lib/core';
import { stages } from './stages.ts';
import { type StageName, stageNames, template } from './templates.ts';

/** Controls that the stack does not pass, by the resources that fail; SECURITY.md gives the reasons. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'CT.ECS.PR.2': ['ServiceCluster'],
  'CT.ECS.PR.7': ['TaskDefinition'],
  'CT.LAMBDA.PR.2': ['ClientTokensFunctionSecretsManager'],
  'CT.LAMBDA.PR.3': ['AuditCheckFunction', 'ClientTokensFunction', 'CustomVpcRestrictDefaultSG'],
  'CT.S3.PR.4': ['AccessLogs'],
  'CT.S3.PR.9': ['AccessLogs'],
  'CT.S3.PR.10': ['AccessLogs'],
};
const KNOWN_IN: Readonly<Record<StageName, typeof KNOWN>> = {
  dev: { ...KNOWN, 'CT.ELASTICLOADBALANCING.PR.5': ['Edge'] },
  prod: KNOWN,
};

const RULES = new URL('../../node_modules/@cdklabs/cdk-validator-cfnguard/rules/', import.meta.url);

/** The types of resources that each rule names in its conditions, by the name of its file. */
const typesByRule = new Map(
  readdirSync(RULES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.guard'))
    .map((path) => {
      const conditions = readFileSync(new URL(path, RULES), 'utf8').replaceAll(/^\s*#.*$/gm, '');
      return [basename(path, '.guard'), conditions.match(/AWS::\w+::\w+/g) ?? []] as const;
    }),
);

/** Rules that can find nothing in a template: it has no resource of any type that they name. */
function withoutResources({ Resources }: ReturnType<Template['toJSON']>): string[] {
  const present = new Set(Object.values<{ Type: string }>(Resources).map(({ Type }) => Type));
  return [...typesByRule].flatMap(([rule, types]) =>
    types.length > 0 && !types.some((type) => present.has(type)) ? [rule] : [],
  );
}

/**
 * AWS Control Tower's proactive controls, as its package of Guard rules has them. Here and not in every synthesis: each
 * template costs seconds, and the package is a program for Linux and macOS that deployments need not run.
 */
const checked = ['linux', 'darwin'].includes(process.platform) ? describe : describe.skip;

checked('the proactive controls of Control Tower', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-control-tower-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('are all asked, except those about other resources', () => {
    expect(new CfnGuardValidator().ruleIds?.length).toBeGreaterThanOrEqual(237);
    expect(typesByRule.size).toBeGreaterThanOrEqual(237);
    const others = withoutResources(template(stages.prod).toJSON());
    expect(typesByRule.size - others.length).toBeGreaterThanOrEqual(70);
    expect(others).not.toContain('ct-ecs-pr-2');
    expect(others).toContain('ct-redshift-pr-1');
  });

  test.each(stageNames)(
    'find in %s what is known, and nothing else',
    (stage) => {
      const file = join(folder, `${stage}.template.json`);
      const json = template(stages[stage]).toJSON();
      writeFileSync(file, JSON.stringify(json));
      const validator = new CfnGuardValidator({ disabledRules: withoutResources(json) });
      const { violations } = validator.validate({ templatePaths: [file], appConstruct: new App() });
      const found = violations.flatMap(({ description, violatingResources }) =>
        violatingResources.map(
          ({ resourceLogicalId }) => `${/CT\.\w+\.PR\.\d+/.exec(description)}: ${resourceLogicalId}`,
        ),
      );
      const known = Object.entries(KNOWN_IN[stage]).flatMap(([id, resources]) =>
        resources.map((resource) => expect.stringMatching(new RegExp(`^${id}: ${resource}`))),
      );
      expect(found).toHaveLength(known.length);
      expect(found).toEqual(expect.arrayContaining(known));
      process.stderr.write(`${stage}: ${found.length} findings of Control Tower, all known\n`);
    },
    120_000,
  );

  test('that the stack does not pass are listed in SECURITY.md', () => {
    const security = readFileSync(new URL('../../SECURITY.md', import.meta.url), 'utf8');
    const rows = [...security.matchAll(/^\| `(CT\.[\w.]+)` \|/gm)].map(([, id]) => id);
    expect(rows.sort()).toEqual(Object.keys(KNOWN_IN.dev).sort());
  });
});
