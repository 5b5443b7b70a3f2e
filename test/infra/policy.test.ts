import { readFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { Peer, Port, type SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { App, type PolicyValidationPluginReport, type Stack, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { enforcePolicy } from '../../infra/policy.ts';
import { McpStack } from '../../infra/stack.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { stages } from './stages.ts';
import { app, cdkJson, stageNames } from './synthesize.ts';

/** Findings as `rule at construct path`. */
function findings(of: App): string[] {
  const report: PolicyValidationPluginReport = new AwsSolutionsChecks(of).validateScope(of);
  return report.violations
    .flatMap(({ ruleName, violatingResources }) =>
      (violatingResources ?? []).map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    )
    .sort();
}

function stackOf(of: App, stage: string): Stack {
  return of.node.findChild(`Mcp-${stage}`) as Stack;
}

/** What the pack says when no acknowledgement is heard: the list a security review reads. */
const RAW = [
  'AwsSolutions-EC23 at Mcp-STAGE/Edge/SecurityGroup/Resource',
  'AwsSolutions-ECS2 at Mcp-STAGE/Task/Definition/Resource',
  'AwsSolutions-IAM5[Resource::*] at Mcp-STAGE/Task/ExecutionRole/DefaultPolicy/Resource',
  'AwsSolutions-S1 at Mcp-STAGE/AccessLogs/Resource/Resource',
  'AwsSolutions-SMG4 at Mcp-STAGE/Secrets/AuditKey/Resource',
  'AwsSolutions-SMG4 at Mcp-STAGE/Secrets/Tokens/Resource',
];

describe('policy', () => {
  test.each(stageNames)('%s has no finding that nobody acknowledged', (stage) => {
    expect(findings(app(stage))).toEqual([]);
  });

  test.each([...stageNames, 'oauth'])(
    '%s has as many acknowledgements as findings: none is broad, none is stale',
    (stage) => {
      const acknowledge = jest.spyOn(Validations.prototype, 'acknowledge').mockReturnValue(undefined);
      try {
        const raw = RAW.filter((finding) => stage !== 'oauth' || !finding.includes('/Tokens/'));
        const known = { ...stages, oauth: combinations.oauth };
        expect(findings(app(stage, known))).toEqual(raw.map((finding) => finding.replace('STAGE', stage)));
        const ours = acknowledge.mock.calls.flat().filter(({ id }) => id.startsWith('AwsSolutions'));
        expect(ours.map(({ id }) => id).sort()).toEqual(raw.map((finding) => finding.split(' at ')[0]));
        for (const { reason } of ours) expect(reason.length).toBeGreaterThan(40);
      } finally {
        acknowledge.mockRestore();
      }
    },
  );

  test('every combination of options synthesizes without a finding, an error or a warning', () => {
    const all = new App({ context: cdkJson.context, analyticsReporting: false });
    for (const [name, config] of Object.entries<StageConfig>(combinations)) {
      new McpStack(all, `Mcp-${name}`, { config });
    }
    enforcePolicy(all);
    const { directory } = all.synth();
    expect(JSON.parse(readFileSync(`${directory}/validation-report.json`, 'utf8'))).toMatchObject({
      pluginReports: [],
    });
  });

  const weakenings: Record<string, (stack: Stack) => void> = {
    'AwsSolutions-VPC7': (stack) =>
      stack.node.findChild('Network').node.findChild('Vpc').node.tryRemoveChild('FlowLog'),
    'AwsSolutions-EC23': (stack) => {
      const group = stack.node.findChild('Service').node.findChild('SecurityGroup') as SecurityGroup;
      group.addIngressRule(Peer.anyIpv4(), Port.tcp(22));
    },
    'AwsSolutions-ELB2': (stack) => {
      const balancer = stack.node.findChild('Edge').node.findChild('Resource');
      (balancer as unknown as { setAttribute(key: string, value: string): void }).setAttribute(
        'access_logs.s3.enabled',
        'false',
      );
    },
  };
  test.each(Object.keys(weakenings))('a synth with %s fails', (rule) => {
    const weakened = app('dev');
    weakenings[rule]?.(stackOf(weakened, 'dev'));
    expect(findings(weakened).map((finding) => finding.split(' at ')[0])).toEqual([rule]);
    expect(() => weakened.synth()).toThrow(/validation/i);
  });
});
