import { readFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { Peer, Port, type SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { App, type PolicyValidationPluginReport, type Stack, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { enforcePolicy } from '../../infra/policy.ts';
import { McpStack } from '../../infra/stack.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { acknowledgementsIn } from './acknowledgements.ts';
import { combinations } from './combinations.ts';
import { cdkJson, files } from './stack.ts';
import { app } from './stage-app.ts';
import { stages } from './stages.ts';
import { stageNames } from './templates.ts';
import { toolsOf } from './tools.ts';

const PACKS = [AwsSolutionsChecks, NIST80053R5Checks, PCIDSS321Checks, HIPAASecurityChecks];

/** Findings of every pack as `rule at construct path`. */
function findings(of: App): string[] {
  const reports: PolicyValidationPluginReport[] = PACKS.map((Pack) => new Pack(of).validateScope(of));
  return reports
    .flatMap(({ violations }) => violations)
    .flatMap(({ ruleName, violatingResources }) =>
      (violatingResources ?? []).map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    )
    .sort();
}

function stackOf(of: App, stage: string): Stack {
  return of.node.findChild(`Mcp-${stage}`) as Stack;
}

/** The findings that several packs report under the same name. */
function inPacks(rule: string, at: string, packs = ['NIST.800.53.R5', 'PCI.DSS.321', 'HIPAA.Security']) {
  return packs.map((pack) => `${pack}-${rule} at Mcp-STAGE/${at}`);
}
const TWO = ['NIST.800.53.R5', 'HIPAA.Security'];

/** The findings of the packs without acknowledgements: the list that a security review reads. */
const RAW = [
  'AwsSolutions-EC23 at Mcp-STAGE/Edge/SecurityGroup/Resource',
  'AwsSolutions-ECS2 at Mcp-STAGE/Task/Definition/Resource',
  'AwsSolutions-IAM5[Resource::*] at Mcp-STAGE/Task/ExecutionRole/Permissions/Resource',
  'AwsSolutions-SMG4 at Mcp-STAGE/Secrets/AccessList/Resource',
  'AwsSolutions-SMG4 at Mcp-STAGE/Secrets/AuditKey/Resource',
  'AwsSolutions-SMG4 at Mcp-STAGE/Secrets/Tokens/Resource',
  ...inPacks('LambdaInsideVPC', 'ClientTokens/Function/Resource'),
  ...inPacks('LambdaInsideVPC', 'AuditCheck/Function/Resource'),
  ...inPacks('S3BucketReplicationEnabled', 'AccessLogs/Resource/Resource'),
  ...inPacks('S3DefaultEncryptionKMS', 'AccessLogs/Resource/Resource'),
  ...inPacks('SecretsManagerRotationEnabled', 'Secrets/AccessList/Resource', TWO),
  ...inPacks('SecretsManagerRotationEnabled', 'Secrets/AuditKey/Resource', TWO),
  ...inPacks('SecretsManagerRotationEnabled', 'Secrets/Tokens/Resource', TWO),
  ...inPacks('VPCNoUnrestrictedRouteToIGW', 'Network/Vpc/PublicSubnet1/DefaultRoute'),
  ...inPacks('VPCNoUnrestrictedRouteToIGW', 'Network/Vpc/PublicSubnet2/DefaultRoute'),
];
const ONLY_DEV = [
  ...inPacks('ELBDeletionProtectionEnabled', 'Edge/Resource/Resource', TWO),
  ...inPacks('LambdaConcurrency', 'ClientTokens/Function/Resource', TWO),
  ...inPacks('LambdaConcurrency', 'AuditCheck/Function/Resource', TWO),
];

/** The findings of a stage, in order. */
function rawOf(stage: string): string[] {
  const all = stage === 'dev' ? [...RAW, ...ONLY_DEV] : RAW;
  const absent = stage === 'oauth' ? /\/(Tokens|ClientTokens)\// : /(?!)/;
  return all
    .filter((finding) => !absent.test(finding))
    .map((finding) => finding.replace('STAGE', stage))
    .sort();
}

describe('policy', () => {
  const apps = { dev: app('dev'), prod: app('prod') };

  test.each(stageNames)('%s has no finding without an acknowledgement', (stage) => {
    expect(findings(apps[stage])).toEqual([]);
  });

  test.each([...stageNames, 'oauth'])(
    '%s has as many acknowledgements as findings: none is broad, none is stale',
    (stage) => {
      const acknowledge = jest.spyOn(Validations.prototype, 'acknowledge').mockReturnValue(undefined);
      try {
        const raw = rawOf(stage);
        const known = { ...stages, oauth: combinations.oauth };
        expect(findings(app(stage, known))).toEqual(raw);
        const ours = acknowledge.mock.calls
          .flat()
          .filter(({ id }) => /^(AwsSolutions|NIST|PCI|HIPAA)/.test(id));
        expect(ours.map(({ id }) => id).sort()).toEqual(
          raw.map((finding) => finding.split(' at ')[0]).sort(),
        );
        for (const { reason } of ours) expect(reason.length).toBeGreaterThan(40);
      } finally {
        acknowledge.mockRestore();
      }
    },
  );

  test.each([
    ['dev', [6, 12, 6, 12], 39],
    ['prod', [6, 9, 6, 9], 33],
  ] as const)(
    '%s has as many raw findings of AwsSolutions, NIST 800-53 R5, PCI DSS, HIPAA: %j, and acknowledgements: %i',
    (stage, expected, acknowledged) => {
      const of = (pack: string) => rawOf(stage).filter((finding) => finding.startsWith(pack)).length;
      const raw = ['AwsSolutions', 'NIST', 'PCI', 'HIPAA'].map(of);
      expect(raw).toEqual(expected);
      const security = readFileSync(new URL('../../SECURITY.md', import.meta.url), 'utf8');
      if (stage === 'prod') expect(security).toContain(`\`prod\` has ${raw.join(' / ')} findings`);
      // CloudFormation Validate has three besides.
      const ids = acknowledgementsIn(apps[stage]);
      expect(ids).toHaveLength(acknowledged);
      process.stderr.write(`${stage}: ${raw.join(' / ')} raw findings, ${ids.length} acknowledgements\n`);
    },
  );

  test('every combination of options synthesizes without a finding, an error or a warning', () => {
    // The functions are the same files in each, so that one bundles them.
    const context = { ...cdkJson.context, 'aws:cdk:bundling-stacks': ['Mcp-prod'] };
    const all = new App({ context, analyticsReporting: false, stackTraces: false });
    for (const [name, config] of Object.entries<StageConfig>(combinations)) {
      new McpStack(all, `Mcp-${name}`, { config, files, tools: toolsOf(config) });
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
    const found = findings(weakened).map((finding) => finding.split(' at ')[0] ?? '');
    expect(found.filter((id) => id.startsWith('AwsSolutions'))).toEqual([rule]);
    // Each of these is one that every pack knows.
    expect(found).toHaveLength(4);
    expect(() => weakened.synth()).toThrow(/validation/i);
  });
});
