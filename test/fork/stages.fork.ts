import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import type { App, Stack } from 'aws-cdk-lib/core';
import * as z from 'zod';
import { estimate, nameOf } from '../../cli/cost/estimate.ts';
import { readAcknowledgements } from '../../infra/acknowledged.ts';
import { createApp } from '../../infra/app.ts';
import { stages } from '../../infra/config.ts';
import { extend } from '../../infra/extensions.ts';
import { placeholdersIn } from '../../infra/lib/placeholders.ts';
import { placeholderNotice } from '../../infra/refuse-placeholders.ts';
import { assertHardened } from '../../infra/rules/hardened.ts';
import { readScopes } from '../../infra/scopes.ts';
import { McpStack } from '../../infra/stack.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { parseEnvironment } from '../../service/environment.ts';
import { tools } from '../../service/tools/index.ts';
import { taskOptions } from '../container/task-options.ts';
import { containerEnvironment } from '../infra/container-environment.ts';
import { creationOrder } from '../infra/creation-order.ts';
import { appProps } from '../infra/stack.ts';
import { only, type Resource } from '../infra/templates.ts';
import { assemblyOf, openFindings } from '../infra/validation-report.ts';

/** The app as `cdk synth -c stage=NAME` builds it, with the extensions. */
function appOf(stage: string): App {
  const scopes = readScopes(fileURLToPath(new URL('../..', import.meta.url)));
  return createApp({ ...appProps, context: { ...appProps.context, stage } }, stages, {
    tools,
    scopes,
    extend,
  });
}

const acceptsSchema = (stage: unknown) => {
  const file = new URL('../../docs/configuration.schema.json', import.meta.url);
  return z
    .fromJSONSchema(JSON.parse(readFileSync(file, 'utf8')))
    .safeParse(JSON.parse(JSON.stringify(stage)));
};

/** Whatever infra/config.ts and infra/extensions.ts have: these are the fork's tests of both. */
describe.each(Object.entries<StageConfig>(stages))('the stage %s', (name, config) => {
  const app = appOf(name);
  const open = openFindings(app);
  const { faults, used } = readAcknowledgements(app, app.outdir);
  const stack = app.node.children.find((child): child is McpStack => child instanceof McpStack) as McpStack;
  const assembly = assemblyOf(app);
  const { template, environment } = assembly.getStackByName(stack.stackName);
  const found = Template.fromJSON(template);

  test('has no finding without an acknowledgement', () => {
    expect(open.map(({ path, id, fix }) => `${id} at ${path}. ${fix}`)).toEqual([]);
  });

  test('has no acknowledgement without a finding', () => {
    expect(faults).toEqual([]);
  });

  test('is hardened, apart from the rules that are acknowledged', () => {
    const acknowledged = used.flatMap(({ id }) => (id.startsWith('Hardened::') ? id.slice(10) : []));
    const production = config.terminationProtection !== false;
    expect(() =>
      assertHardened(template, {
        production,
        stated: stack.stated,
        acknowledged: [...new Set(acknowledged)],
      }),
    ).not.toThrow();
  });

  test('synthesizes to the same template twice', () => {
    const again = appOf(name).node.findChild(stack.node.id) as Stack;
    expect(Template.fromStack(again).toJSON()).toEqual(template);
  });

  test('needs no account, no credentials and nothing to look up', () => {
    expect(assembly.manifest.missing ?? []).toEqual([]);
    expect(environment.region).toBe(config.region);
  });

  test('is accepted by the service', () => {
    const { publicUrl } = parseEnvironment('deployed', containerEnvironment(found));
    expect(publicUrl.href).toBe(`https://${config.domain.domainName}/mcp`);
  });

  test('is accepted by docs/configuration.schema.json, as an editor checks it', () => {
    expect(acceptsSchema(config)).toMatchObject({ success: true });
  });

  test('creates no resource before one that it needs', () => {
    // A cycle: put the resource that refers to the service into parts.afterService.
    expect(() => creationOrder(template['Resources'] as Record<string, Resource>)).not.toThrow();
  });

  test('has a task that the container test runs as it is', () => {
    const { Properties: definition } = only(found, 'AWS::ECS::TaskDefinition');
    const machine = { cpuArchitecture: 'ARM64', maxOpenFiles: 1_048_576 } as const;
    const { options } = taskOptions(definition, machine, () => 'a secret');
    expect(options).toContain('--read-only');
  });

  test('is priced', () => {
    const { idle, unpriced } = estimate(name, config.region, template);
    expect(idle).toBeGreaterThan(0);
    process.stderr.write(
      [
        `${name}: ${idle.toFixed(2)} USD a month`,
        ...unpriced.map((one) => `not priced: ${nameOf(one)}`),
        '',
      ].join('\n'),
    );
  });

  test('lists the example values that are left', () => {
    const notice = placeholderNotice([stack]);
    process.stderr.write(notice);
    for (const { option } of placeholdersIn(config)) expect(notice).toContain(option);
  });
});

test('every line of infra/config.ts that is marked "replace me" has a value that CloudFormation refuses', () => {
  const marked = readFileSync(new URL('../../infra/config.ts', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.includes('replace me'))
    .flatMap((line) => [...(line.split('//')[0]?.matchAll(/'([^']+)'/g) ?? [])].map(([, value]) => value))
    .filter((value) => placeholdersIn(value).length > 0);
  const found = Object.values<StageConfig>(stages)
    .flatMap((stage) => placeholdersIn(stage))
    .map(({ value }) => value);
  expect(found).toEqual(expect.arrayContaining(marked));
});
