import { describe, expect, test } from '@jest/globals';
import type { App } from 'aws-cdk-lib/core';
import { estimate, nameOf } from '../../cli/cost/estimate.ts';
import { policyOf } from '../../cli/preflight/policy.ts';
import type { Template } from '../../cli/synthesize.ts';
import { acknowledge } from '../../infra/acknowledge.ts';
import { readAcknowledgements } from '../../infra/acknowledged.ts';
import { createApp } from '../../infra/app.ts';
import { findingsOf } from '../../infra/rules/hardened.ts';
import type { McpStack } from '../../infra/stack.ts';
import type { StackParts } from '../../infra/stack-parts.ts';
import { parseStageConfig } from '../../infra/stage-config.ts';
import { addResources } from './additions.ts';
import { creationOrder } from './creation-order.ts';
import { appProps, stack } from './stack.ts';
import { stages } from './stages.ts';
import { type Resource, template } from './templates.ts';
import { assemblyOf, openFindings } from './validation-report.ts';

function appWith(extend: (parts: StackParts) => void): App {
  const { prod: test } = stages;
  return createApp({ ...appProps, context: { ...appProps.context, stage: 'test' } }, { test }, { extend });
}

const app = appWith(addResources);
const open = openFindings(app);
const synthesized = assemblyOf(app).getStackByName('Mcp-test').template as Template;
const all = synthesized.Resources as Record<string, Resource>;
const added = Object.keys(all).filter((id) => id.startsWith('Extensions'));
const ofTheKit = template(stages.prod).toJSON()['Resources'] as Record<string, Resource>;

describe('resources that a fork adds', () => {
  test('leave each resource of the kit as it is, apart from what they ask for', () => {
    const changed = Object.keys(ofTheKit).filter(
      (id) => JSON.stringify(all[id]) !== JSON.stringify(ofTheKit[id]),
    );
    expect(changed.sort()).toEqual([
      // The load balancer waits for the additions.
      expect.stringMatching(/^Ready/),
      // A secret's reader.
      expect.stringMatching(/^SecretsKey/),
      // They start after each rule of their security group.
      expect.stringMatching(/^Service/),
      ...Array.from({ length: 4 }, () => expect.stringMatching(/^ServiceTaskCountTarget/)),
      // Permissions of the tools.
      expect.stringMatching(/^TaskTaskRolePermissions/),
    ]);
  });

  test('are made before the load balancer, which a failed deployment cannot delete, unless they need the service', () => {
    const [balancer = ''] = Object.keys(all).filter((id) => all[id]?.Type.endsWith('V2::LoadBalancer'));
    const before = creationOrder(all).get(balancer);
    const later = added.filter((id) => !before?.has(id));
    expect(added.length).toBeGreaterThan(15);
    expect(later.map((id) => all[id]?.Type).sort()).toEqual([
      'AWS::CloudWatch::Alarm',
      'AWS::SSM::Parameter',
    ]);
  });

  test('are checked by every rule, and none blames a resource of the kit without a cause', () => {
    const { stated } = app.node.findChild('Mcp-test') as McpStack;
    const found = findingsOf(synthesized, { stated }).map(
      ({ rule, logicalId = '' }) => `${rule.id} ${logicalId}`,
    );
    const rules = [...new Set(found)].filter((finding) => !finding.includes(' Extensions'));
    expect(rules).toEqual([
      expect.stringMatching(/^NamedActions TaskTaskRolePermissions/),
      expect.stringMatching(/^DecryptViaService TaskTaskRolePermissions/),
    ]);
  });

  test('have a price or are listed without one, by npm run cost', () => {
    const { idle, unpriced } = estimate('prod', 'us-east-1', synthesized);
    const without = estimate('prod', 'us-east-1', template(stages.prod).toJSON());
    // A key, a secret and an alarm.
    expect(idle - without.idle).toBeCloseTo(1 + 0.4 + 0.1, 1);
    expect(unpriced.map(nameOf).sort()).toEqual([
      'AWS::DynamoDB::Table (1)',
      'AWS::SQS::Queue (1)',
      'AWS::SSM::Parameter (2)',
      'AWS::StepFunctions::StateMachine (1)',
    ]);
  });

  test('are known to npm run preflight as far as it has a check', () => {
    expect(() => policyOf({ config: parseStageConfig(stages.prod), template: synthesized })).not.toThrow();
  });

  test('have an alarm with a severity, a section and the topic of tickets', () => {
    const [alarm] = added.map((id) => all[id]).filter((one) => one?.Type === 'AWS::CloudWatch::Alarm');
    expect(alarm?.Properties).toMatchObject({
      AlarmName: 'Mcp-test-JobsOld',
      AlarmDescription: '[medium] Jobs wait for an hour. Runbook: JobsOld in RUNBOOK.md',
      AlarmActions: [{ Ref: expect.stringMatching(/^MonitoringTicketTopic/) }],
    });
  });
});

describe('a finding', () => {
  const lines = open.flatMap(({ fix }) => {
    const [, path = '', id = ''] = /acknowledge\(parts\.find\('([^']+)'\), '([^']+)', '/.exec(fix) ?? [];
    return path === '' ? [] : [[path, id] as const];
  });

  test('prints the code that acknowledges it, whatever reports it', () => {
    expect(open.length).toBeGreaterThan(40);
    expect(lines).toHaveLength(open.length);
    expect(new Set(open.map(({ id }) => id.split('::')[0]))).toEqual(
      new Set(['Hardened', 'AwsSolutions', 'NIST.800.53.R5', 'PCI.DSS.321', 'HIPAA.Security']),
    );
  });

  test('is gone with that code, and no acknowledgement is left over', () => {
    const once = new Map(lines.map((line) => [line.join(' '), line]));
    const accepted = appWith((parts) => {
      addResources(parts);
      for (const [path, id] of once.values())
        acknowledge(parts.find(path), id, 'A reviewer of this test has seen it.');
    });
    expect(openFindings(accepted)).toEqual([]);
    const { faults, used, notice } = readAcknowledgements(accepted, accepted.outdir);
    expect(faults).toEqual([]);
    expect(used).toHaveLength(once.size);
    // Two rules are broken by the tools' own policy.
    expect(
      notice.match(/^ {2}Mcp-test\/Task\/TaskRole\/Permissions\/Resource {2}Hardened::\w+: A/gm),
    ).toHaveLength(2);
  });
});

test('the parts of each stage have its name, and say whether it is production', () => {
  const seen: unknown[] = [];
  createApp({ ...appProps, context: { ...appProps.context, stage: 'all' } }, stages, {
    extend: ({ stage, production }) => void seen.push({ stage, production }),
  });
  expect(seen).toEqual([
    { stage: 'dev', production: false },
    { stage: 'prod', production: true },
  ]);
});

test('a part is found by the path that a finding names, and a missing one is named', () => {
  const find = (path: string) => {
    let found = '';
    appWith((parts) => {
      found = parts.find(path).node.path;
    });
    return found;
  };
  expect(find('Task/TaskRole')).toBe('Mcp-test/Task/TaskRole');
  expect(() => find('Task/TaskRoel')).toThrow(
    'stage test: Mcp-test/Task has no construct "TaskRoel" (did you mean TaskRole?)',
  );
});

test('without extensions a stack has no addition', () => {
  expect(stack(stages.dev).node.findChild('Extensions').node.children).toEqual([]);
});
