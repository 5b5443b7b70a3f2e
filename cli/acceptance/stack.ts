import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateDescribeStackEvents,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { allow, type Finding, type StageNames, type Statement } from './check.ts';

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  /** Its name in AWS: a name, an id or an ARN, by its type. */
  readonly physicalId: string;
}

/** A stack as the account has it. */
export interface DeployedStack {
  readonly name: string;
  readonly arn: string;
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly resources: readonly Resource[];
}

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

/** Resources of a type whose logical id starts with the path of a construct, such as `AuditCheckFunction`. */
export function resourcesOf({ resources }: DeployedStack, wanted: string, path = ''): readonly Resource[] {
  return resources.filter(({ type, logicalId }) => type === wanted && logicalId.startsWith(path));
}

/** Characters of the stack's name that a shortened name of a function keeps; 25 in a name that was reported. */
const KEPT = 20;

/**
 * The name of a Lambda function, as a pattern of IAM. CloudFormation makes it of the stack's name, the logical id and a
 * suffix, and shortens the first two if it has over 64 characters (a name in convox/rack#2297).
 *
 * @param path start of the logical id, at most 20 characters
 */
export function functionPattern(stackName: string, path: string): string {
  const stack = stackName.length > KEPT ? `${stackName.slice(0, KEPT)}*` : stackName;
  return `${stack}-${path}*`;
}

/** @throws if the stack does not have exactly one */
export function resourceOf(stack: DeployedStack, type: string, path?: string): string {
  const [found, more] = resourcesOf(stack, type, path);
  if (found === undefined || more !== undefined)
    throw new Error(
      `the stack must have one ${type}${path ? ` named ${path}` : ''}, got ${more ? 'more' : 'none'}`,
    );
  return found.physicalId;
}
