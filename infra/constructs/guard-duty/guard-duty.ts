import {
  type IConnectable,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type ISubnet,
  type IVpc,
  Port,
  SecurityGroup,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Aws, Stack } from 'aws-cdk-lib/core';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct, type IDependable } from 'constructs';
import * as z from 'zod';
import { denyAllEgress } from '../../lib/deny-all-egress.ts';
import { ecrDomains } from '../../lib/ecr.ts';
import { OptionError } from '../../lib/option-error.ts';
import { text } from '../../lib/option-types.ts';
import { AGENT_ACCOUNTS } from './agent-accounts.ts';

export const guardDutyOptions = z.strictObject({
  agentAccount: text(/^\d{12}$/, 'the id of an AWS account, 12 digits')
    .optional()
    .meta({
      description:
        'Account whose ECR has the agent, `aws-guardduty-agent-fargate`, in the region of the stage; from the table "ECR ' +
        'repository for GuardDuty agent on AWS Fargate" of the GuardDuty User Guide.',
      absent: 'the account of that table, as far as this kit has the region',
    }),
});

/** The agent's repository. */
export interface AgentImage {
  readonly account: string;
  readonly repositoryArn: string;
}

/** @throws OptionError in a region whose account is not known */
export function agentImage(options: z.output<typeof guardDutyOptions>, region: string): AgentImage {
  const account = options.agentAccount ?? AGENT_ACCOUNTS[region];
  if (account === undefined) {
    throw new OptionError(`guardDuty.agentAccount must be given in ${region}, whose account is not known`);
  }
  const { partition = 'aws' } = RegionInfo.get(region);
  return {
    account,
    repositoryArn: `arn:${partition}:ecr:${region}:${account}:repository/aws-guardduty-agent-fargate`,
  };
}

export interface GuardDutyProps {
  readonly agent: AgentImage;
  /** VPC of the tasks. */
  readonly vpc: IVpc;
  /** Subnets of the tasks. */
  readonly subnets: ISubnet[];
}

/**
 * Requirements of GuardDuty Runtime Monitoring in a VPC of the stack: the endpoint for its agent's events, and the
 * names that the agent and the pull of its image resolve. GuardDuty uses an endpoint that is already there. One of its
 * own would be unknown to CloudFormation, and the VPC could then not be deleted
 * (https://docs.aws.amazon.com/guardduty/latest/ug/using-iac-with-gdu-automated-agents-runtime-monitoring.html).
 */
export class GuardDuty extends Construct {
  /** Hosts that the agent and its image pull resolve. */
  readonly domains: readonly string[];
  /** Resources that must exist before the tasks. */
  readonly dependencies: readonly IDependable[];
  private readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, { agent, vpc, subnets }: GuardDutyProps) {
    super(scope, id);
    const { region } = Stack.of(this);
    this.domains = [
      ...ecrDomains(agent.account, region),
      `guardduty-data.${region}.${RegionInfo.get(region).domainSuffix}`,
    ];
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'GuardDuty endpoint: HTTPS from the agents of the tasks',
      allowAllOutbound: false,
    });
    denyAllEgress(this.securityGroup);
    const endpoint = new InterfaceVpcEndpoint(this, 'Endpoint', {
      vpc,
      service: new InterfaceVpcEndpointAwsService('guardduty-data'),
      subnets: { subnets },
      securityGroups: [this.securityGroup],
      open: false,
    });
    endpoint.addToPolicy(
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: ['*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID } },
      }),
    );
    // A dependency on the group includes its rules.
    this.dependencies = [endpoint, this.securityGroup];
  }

  /** Allows the agents of these tasks to send events. */
  allowFrom(tasks: IConnectable): void {
    tasks.connections.allowTo(this.securityGroup, Port.tcp(443), 'GuardDuty agent');
  }
}
