import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateDescribeStackEvents,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { allow, type Finding, type StageNames, type Statement } from './check.ts';
import type { DeployedStack, Resource } from './deployed-stack.ts';

/** Longest list of failed resources. */
const MAX_FAILURES = 10;

export const STACK_CHECK = 'stack';

export function stackNeeds({ partition, region, stackName }: StageNames): readonly Statement[] {
  const actions = ['DescribeStacks', 'DescribeStackEvents', 'ListStackResources'];
  return [
    allow(
      'Stack',
      actions.map((action) => `cloudformation:${action}`),
      `arn:${partition}:cloudformation:${region}:*:stack/${stackName}/*`,
    ),
  ];
}

/** Whether CloudFormation says that there is no such stack. */
export function isNoStack({ name, message }: Error): boolean {
  return name === 'ValidationError' && message.includes('does not exist');
}

/** @throws the error of CloudFormation, see `isNoStack` */
export async function readStack(client: CloudFormationClient, StackName: string): Promise<DeployedStack> {
  const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
  const resources: Resource[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName })) {
    for (const one of page.StackResourceSummaries ?? []) {
      const { LogicalResourceId = '', ResourceType = '', PhysicalResourceId = '' } = one;
      resources.push({ logicalId: LogicalResourceId, type: ResourceType, physicalId: PhysicalResourceId });
    }
  }
  return {
    name: StackName,
    arn: stack?.StackId ?? '',
    status: stack?.StackStatus ?? '',
    outputs: Object.fromEntries((stack?.Outputs ?? []).map((one) => [one.OutputKey, one.OutputValue ?? ''])),
    resources,
  };
}

/** Whether the stack is deployed; if not, which resources failed and why. */
export async function stackFinding(client: CloudFormationClient, stack: DeployedStack): Promise<Finding> {
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(stack.status)) {
    return { verdict: 'ok', detail: `${stack.status}, ${stack.resources.length} resources` };
  }
  if (stack.status.endsWith('_IN_PROGRESS')) {
    return { verdict: 'could not tell', detail: stack.status, fix: 'Wait until the deployment has ended' };
  }
  return {
    verdict: 'failed',
    detail: stack.status,
    lines: await failures(client, stack.name),
    fix: 'docs/deploy.md, "When a step fails". No other check was run',
  };
}

/** Resources that failed by themselves, the latest first. */
async function failures(client: CloudFormationClient, StackName: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { StackEvents = [] } of paginateDescribeStackEvents({ client }, { StackName })) {
    for (const { ResourceStatus = '', ResourceStatusReason = '', ...event } of StackEvents) {
      if (!ResourceStatus.endsWith('_FAILED') || /cancelled/i.test(ResourceStatusReason)) continue;
      found.push(
        `${event.LogicalResourceId} (${event.ResourceType}) ${ResourceStatus}: ${ResourceStatusReason}`,
      );
      if (found.length === MAX_FAILURES) return found;
    }
  }
  return found;
}
