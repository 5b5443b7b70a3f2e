import { combinations } from '../../../infra/combinations.ts';
import { template } from '../../../infra/templates.ts';
import { SecretVersions } from '../../../service/support/secret-versions.ts';
import { physicalNames } from './physical-names.ts';

export const ACCOUNT = '210987654321';
export const STACK = 'Mcp-acme';
export const REGION = 'us-east-1';
export const DIGEST = `sha256:${'a1'.repeat(32)}`;
export const CLIENT_ROLE = `arn:aws:iam::${ACCOUNT}:role/acme-agent`;
export const CLIENT_SECRET = `${STACK}/clients/agent/token`;

const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
export const PAGES = arn('sns', `${STACK}-MonitoringPageTopic`);
const TICKETS = arn('sns', `${STACK}-MonitoringTicketTopic`);
const CLUSTER = `${STACK}-ServiceCluster572F72F1-Xy1`;
const SERVICE = arn('ecs', `service/${CLUSTER}/${STACK}-ServiceService480762AE-Xy2`);
const DEFINITION = arn('ecs', 'task-definition/McpacmeTaskDefinition:7');
const QUERY_LOG =
  physicalNames(template(combinations.prod), 'AWS::Logs::LogGroup', STACK).get(
    'DnsFirewallLogGroup0FBE1F45',
  ) ?? '';
const AUDIT_CHECK = `${STACK}-AuditCheckFunctionC87891D0-Xy4`;
const IMAGE = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/cdk-hnb659fds-container-assets-${ACCOUNT}-${REGION}:0123abcd`;

export interface Alarm {
  readonly AlarmName: string;
  readonly AlarmActions: string[];
  StateValue: string;
  readonly [property: string]: unknown;
}

/** An error of AWS by its code. */
export class AwsError extends Error {
  readonly code: string;

  constructor(
    code: string,
    message = `User: ${arn('sts', 'assumed-role/Admin/jane.doe')} is not authorized`,
  ) {
    super(message);
    this.code = code;
  }
}

function alarm(name: string, topic: string, more: object = {}): Alarm {
  return {
    AlarmName: `${STACK}-${name}`,
    AlarmActions: [topic],
    OKActions: [topic],
    StateValue: 'OK',
    ...more,
  };
}

/** An account with a stage that passes every check. A test changes it at will. */
export function createAccount() {
  const secrets = new SecretVersions();
  secrets.set(CLIENT_SECRET, 'first-token-0123456789-0123456789');
  return {
    stack: {
      StackStatus: 'CREATE_COMPLETE',
      events: [] as object[],
      outputs: { Url: '' },
      resources: [
        ['ServiceCluster572F72F1', 'AWS::ECS::Cluster', CLUSTER],
        ['ServiceService480762AE', 'AWS::ECS::Service', SERVICE],
        ['TaskDefinition21A4D618', 'AWS::ECS::TaskDefinition', DEFINITION],
        ['AuditCheckFunctionC87891D0', 'AWS::Lambda::Function', AUDIT_CHECK],
        ['ClientTokensFunctionC5AE6EC4', 'AWS::Lambda::Function', `${STACK}-ClientTokensFunction-Xy5`],
        [
          'ClientTokensClientsagent5A74FBBA',
          'AWS::SecretsManager::Secret',
          arn('secretsmanager', 'secret:x'),
        ],
        ['DnsFirewallLogGroup0FBE1F45', 'AWS::Logs::LogGroup', QUERY_LOG],
        ['DnsFirewallLoggingC1F906C9', 'AWS::Route53Resolver::ResolverQueryLoggingConfig', 'rqlc-1'],
        ['MonitoringTooFewTasks', 'AWS::CloudWatch::Alarm', `${STACK}-TooFewTasks`],
        ['MonitoringHighCpu', 'AWS::CloudWatch::Alarm', `${STACK}-HighCpu`],
        ['AccessLogs9913F0D8', 'AWS::S3::Bucket', 'mcp-acme-accesslogs9913f0d8-xy6'],
      ].map(([LogicalResourceId, ResourceType, PhysicalResourceId]) => ({
        ...{ LogicalResourceId, ResourceType, PhysicalResourceId },
        ResourceStatus: 'CREATE_COMPLETE',
      })),
    },
    drift: {
      status: { DetectionStatus: 'DETECTION_COMPLETE', StackDriftStatus: 'IN_SYNC' } as object,
      resources: ['AccessLogs9913F0D8', 'ServiceService480762AE'].map((LogicalResourceId) => ({
        LogicalResourceId,
        ResourceType: 'AWS::S3::Bucket',
        StackResourceDriftStatus: 'IN_SYNC',
      })) as object[],
      /** Answers that say that the detection is under way. */
      polls: 2,
    },
    service: {
      serviceArn: SERVICE,
      taskDefinition: DEFINITION,
      deployments: [{ status: 'PRIMARY', rolloutState: 'COMPLETED' }],
    },
    containers: [{ name: 'mcp', image: IMAGE }],
    tasks: [1, 2].map((number) => ({
      taskArn: arn('ecs', `task/${CLUSTER}/${String(number).repeat(32)}`),
      lastStatus: 'RUNNING',
      healthStatus: 'HEALTHY',
      containers: [{ name: 'mcp', imageDigest: DIGEST as string | undefined }],
    })),
    images: [{ imageId: { imageDigest: DIGEST }, imageManifest: '{}' }],
    alarms: [
      alarm('TooFewTasks', PAGES, {
        Namespace: 'AWS/ApplicationELB',
        MetricName: 'HealthyHostCount',
        Dimensions: [{ Name: 'TargetGroup', Value: 'targetgroup/x/1' }],
        Period: 60,
        Statistic: 'Minimum',
        Threshold: 2,
      }),
      alarm('HighCpu', TICKETS, { StateValue: 'ALARM', MetricName: 'CPUUtilization' }),
    ],
    /** Topics that CloudWatch cannot publish to, with its error. */
    refused: new Map<string, string>(),
    history: [] as { AlarmName: string; HistorySummary: string; Timestamp: number }[],
    healthyHosts: [1, 2] as number[],
    audit: {
      functionError: undefined as string | undefined,
      lines: [{ type: 'log', event: 'audit_chain_checked', records: 42, broken: 0 }] as object[],
    },
    secrets,
    /** Versions of secrets whose rotation has begun. */
    rotating: new Map<string, string>(),
    /** The rotation function; a test may break it. */
    rotate(SecretId: string, ClientRequestToken: string): void {
      const SecretString = `rotated-${ClientRequestToken}`;
      secrets.putSecretValue({ SecretId, ClientRequestToken, SecretString, VersionStages: ['AWSCURRENT'] });
    },
    queries: [
      { query_name: `secretsmanager.${REGION}.amazonaws.com.`, firewall_rule_action: 'ALLOW' },
    ] as object[],
    /** Whether the service's list has the client's token. */
    listed: true,
    /** Whether the client's role trusts the caller. */
    trusted: true,
    /** Operations that are answered with an error. */
    errors: new Map<string, AwsError>(),
  };
}

export type Account = ReturnType<typeof createAccount>;
