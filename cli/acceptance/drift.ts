import {
  DescribeStackDriftDetectionStatusCommand,
  DetectStackDriftCommand,
  paginateDescribeStackResourceDrifts,
  type StackResourceDrift,
} from '@aws-sdk/client-cloudformation';
import { allow, type Check, type CheckContext } from './check.ts';
import { repeat } from './time.ts';

const PATIENCE = { everyMs: 5000, forMs: 15 * 60_000 };

/**
 * Rights to read what the stack is made of, but no content: no secret's value, object, log or message. CloudFormation
 * reads each resource with the caller's rights (its user guide, "Detect drift on an entire stack").
 */
const READS = [
  'acm:DescribeCertificate',
  'acm:ListTagsForCertificate',
  'application-autoscaling:Describe*',
  'budgets:ViewBudget',
  'cloudwatch:Describe*',
  'cloudwatch:GetDashboard',
  'cloudwatch:List*',
  'ec2:Describe*',
  'ecs:Describe*',
  'ecs:ListTagsForResource',
  'elasticache:Describe*',
  'elasticache:ListTagsForResource',
  'elasticloadbalancing:Describe*',
  'events:Describe*',
  'events:List*',
  'firehose:Describe*',
  'firehose:List*',
  'iam:GetPolicy',
  'iam:GetPolicyVersion',
  'iam:GetRole',
  'iam:GetRolePolicy',
  'iam:List*',
  'kms:DescribeKey',
  'kms:GetKey*',
  'kms:List*',
  'lambda:Get*',
  'lambda:List*',
  'logs:Describe*',
  'logs:GetDataProtectionPolicy',
  'logs:List*',
  'route53:GetHostedZone',
  'route53:List*',
  'route53resolver:Get*',
  'route53resolver:List*',
  's3:GetBucket*',
  's3:Get*Configuration',
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetResourcePolicy',
  'sns:Get*',
  'sns:List*',
  'wafv2:Get*',
  'wafv2:List*',
];

/** Every resource is as the template says. */
export const drift: Check = {
  name: 'drift',
  needs: ({ partition, region, stackName }) => [
    allow(
      'Drift',
      [
        'cloudformation:DetectStackDrift',
        'cloudformation:DetectStackResourceDrift',
        'cloudformation:DescribeStackResourceDrifts',
      ],
      `arn:${partition}:cloudformation:${region}:*:stack/${stackName}/*`,
    ),
    // DetectStackDrift reads the configurations of the types, which belong to no stack.
    allow('DriftStatus', [
      'cloudformation:DescribeStackDriftDetectionStatus',
      'cloudformation:BatchDescribeTypeConfigurations',
    ]),
    allow('ReadResourcesForDrift', READS),
  ],
  async run({ aws: { cloudFormation }, stack, time }) {
    const { StackDriftDetectionId } = await cloudFormation.send(
      new DetectStackDriftCommand({ StackName: stack.name }),
    );
    const detection = await repeat(
      time,
      PATIENCE,
      () => cloudFormation.send(new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId })),
      ({ DetectionStatus }) => DetectionStatus !== 'DETECTION_IN_PROGRESS',
    );
    const drifts = await readDrifts(cloudFormation, stack.name);
    const differing = drifts.filter(({ StackResourceDriftStatus: status = '' }) => DIFFERS.test(status));
    if (differing.length > 0) {
      return {
        verdict: 'failed',
        detail: `${differing.length} of ${drifts.length} resources differ from the template`,
        lines: differing.flatMap(linesOf),
        fix: 'Undo a change that was made outside CloudFormation. If none was made, report it: AWS writes a value that the template does not',
      };
    }
    if (detection.DetectionStatus !== 'DETECTION_COMPLETE') {
      return {
        verdict: 'could not tell',
        detail: `${drifts.length} resources are as in the template, but not all could be read: ${detection.DetectionStatusReason ?? detection.DetectionStatus}`,
        fix: 'CloudFormation reads each resource with your rights: grant those that --policy prints',
      };
    }
    const without = stack.resources.length - drifts.length;
    return {
      verdict: 'ok',
      detail: `${drifts.length} resources are as in the template; CloudFormation compares ${without} others not at all`,
    };
  },
};

const DIFFERS = /^(MODIFIED|DELETED)$/;

async function readDrifts(client: CheckContext['aws']['cloudFormation'], StackName: string) {
  const drifts: StackResourceDrift[] = [];
  const compared = {
    StackName,
    StackResourceDriftStatusFilters: ['IN_SYNC', 'MODIFIED', 'DELETED'] as const,
  };
  const input = {
    ...compared,
    StackResourceDriftStatusFilters: [...compared.StackResourceDriftStatusFilters],
  };
  for await (const page of paginateDescribeStackResourceDrifts({ client }, input)) {
    drifts.push(...(page.StackResourceDrifts ?? []));
  }
  return drifts;
}

/** The values are left out: a policy or an environment may contain names. */
function linesOf(drift: StackResourceDrift): string[] {
  const resource = `${drift.LogicalResourceId} (${drift.ResourceType})`;
  if (drift.StackResourceDriftStatus === 'DELETED') return [`${resource} was deleted`];
  const properties = drift.PropertyDifferences ?? [];
  return properties.map(
    ({ PropertyPath, DifferenceType }) => `${resource} ${PropertyPath}: ${DifferenceType}`,
  );
}
