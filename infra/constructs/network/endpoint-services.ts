import { RegionInfo } from 'aws-cdk-lib/region-info';
import * as z from 'zod';
import { didYouMean } from '../../../service/did-you-mean.ts';
import { judged, listedDomain, listOf } from '../../lib/option-types.ts';

/** Services with a gateway endpoint, which has no interface and no cost. */
export const GATEWAY_SERVICES = ['s3', 'dynamodb'] as const;

/** Services whose API has the name of the endpoint as its host, such as `sqs.us-east-1.amazonaws.com`. */
const SAME_HOST = [
  ...['access-analyzer', 'acm-pca', 'aps', 'aps-workspaces', 'athena', 'batch', 'bedrock', 'bedrock-agent'],
  ...['bedrock-agent-runtime', 'bedrock-agentcore', 'bedrock-data-automation'],
  ...['bedrock-data-automation-runtime', 'bedrock-runtime', 'cloudformation', 'cloudtrail', 'codebuild'],
  ...['codecommit', 'codepipeline', 'cognito-identity', 'cognito-idp', 'comprehend', 'comprehendmedical'],
  ...['config', 'ec2', 'ecs', 'eks', 'elasticache', 'elasticloadbalancing', 'elasticmapreduce', 'email'],
  ...['emr-containers', 'emr-serverless', 'events', 'forecast', 'forecastquery', 'frauddetector', 'glue'],
  ...['guardduty', 'healthlake', 'inspector2', 'kendra', 'kms', 'lakeformation', 'lambda', 'logs'],
  ...['macie2', 'medical-imaging', 'models-v2-lex', 'monitoring', 'organizations', 'personalize'],
  ...[
    'personalize-events',
    'personalize-runtime',
    'pi',
    'pipes',
    'polly',
    'ram',
    'rds',
    'rds-data',
    'redshift',
  ],
  ...['redshift-data', 'redshift-serverless', 'rekognition', 'resource-groups', 'runtime-v2-lex', 's3tables'],
  ...['s3vectors', 'schemas', 'secretsmanager', 'securityhub', 'securitylake', 'servicecatalog'],
  ...['servicediscovery', 'sns', 'sqs', 'ssm', 'states', 'sts', 'swf', 'sync-states', 'tagging', 'textract'],
  ...[
    'transcribe',
    'transcribestreaming',
    'translate',
    'verifiedpermissions',
    'wafv2',
    'wellarchitected',
    'xray',
  ],
] as const;

/** Hosts of the other services, without the domain of the region. The SDKs put an account id before some of them. */
const OTHER_HOSTS = {
  'codeartifact.api': ['codeartifact'],
  'codeartifact.repositories': ['*.d.codeartifact'],
  dynamodb: ['dynamodb', '*.ddb'],
  'ecr.api': ['api.ecr'],
  'ecr.dkr': ['*.dkr.ecr'],
  'execute-api': ['*.execute-api'],
  'kinesis-firehose': ['firehose'],
  'kinesis-streams': ['kinesis', '*.data-kinesis', '*.control-kinesis'],
  'payment-cryptography.dataplane': ['dataplane.payment-cryptography'],
  'pricing.api': ['api.pricing'],
  s3: ['s3', '*.s3'],
  'sagemaker.api': ['api.sagemaker'],
  'sagemaker.featurestore-runtime': ['featurestore-runtime.sagemaker'],
  'sagemaker.metrics': ['metrics.sagemaker'],
  'sagemaker.runtime': ['runtime.sagemaker'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/**
 * AWS services that tools can call, by the last part of their endpoint's name.
 *
 * The names are those of the AWS PrivateLink Guide, "AWS services that integrate with AWS PrivateLink". The hosts are
 * those that the AWS SDKs connect to (botocore 1.43.11 for us-east-1, compared name by name; November 2026). Left out is
 * a service without private DNS (`dynamodb-streams`), on a port other than 443 (`cassandra`, `email-smtp`), or whose
 * endpoint's name begins differently (`aws.api.…`).
 */
const SERVICES = [...SAME_HOST, ...(Object.keys(OTHER_HOSTS) as (keyof typeof OTHER_HOSTS)[])] as const;

/** Services that have an endpoint, but none that works under the names of their API. */
const WITHOUT_PRIVATE_DNS: readonly string[] = ['dynamodb-streams'];

export function endpointService() {
  return z.enum(SERVICES, {
    error: ({ input }) => `one of the services in docs/configuration.md${advice(String(input))}`,
  });
}

/** The fix for an unknown name; a name that is the host of an API has its own entry. */
function advice(name: string): string {
  if (WITHOUT_PRIVATE_DNS.includes(name)) return ', which has no private DNS: set network.egress to nat';
  const byHost = Object.entries(OTHER_HOSTS).find(([, hosts]: [string, readonly string[]]) =>
    hosts.includes(name),
  );
  const near = byHost ? ` (did you mean ${byHost[0]}?)` : didYouMean(name, SERVICES);
  return `${near}; network.otherEndpoints takes others`;
}

/** An endpoint of a service whose hosts the kit does not know. */
export const otherEndpointOptions = z.strictObject({
  service: judged(
    (name) =>
      /^[a-z0-9][a-z0-9.-]{0,60}$/.test(name) && ![...SERVICES, ...WITHOUT_PRIVATE_DNS].includes(name),
    'the name of a service that has private DNS and is not one of network.endpoints',
  ).describe("Last part of the endpoint's name, such as `iotsitewise.api`. It must have private DNS."),
  hosts: listOf(listedDomain(), { min: 1, max: 10 }).describe(
    'Hosts of its API, such as `api.iotsitewise.us-east-1.amazonaws.com`: the DNS firewall lets tasks resolve them.',
  ),
});

export interface ToolEndpoints {
  readonly endpoints: readonly (typeof SERVICES)[number][];
  readonly otherEndpoints: readonly z.output<typeof otherEndpointOptions>[];
}

/** Hosts by the last part of the endpoint's name, without the domain of the region, where the name is not the host. */
export const HOSTS_OF_ENDPOINTS: Readonly<Record<string, readonly string[]>> = OTHER_HOSTS;

/** Endpoints that these hosts are reached through, by the last part of the endpoint's name; a host of none has none. */
export function endpointsOfHosts(hosts: readonly string[], region: string): string[] {
  return SERVICES.filter((service) => {
    const patterns = endpointHosts({ endpoints: [service], otherEndpoints: [] }, region);
    return hosts.some((host) => covers(patterns, host));
  });
}

/** Whether a host, or each name below `*.`, is among these, in the syntax of DNS Firewall. */
export function covers(patterns: readonly string[], host: string): boolean {
  return patterns.some((pattern) =>
    pattern.startsWith('*.') ? host.replace(/^\*/, '').endsWith(pattern.slice(1)) : host === pattern,
  );
}

/** Hosts that tools reach through these endpoints, in the syntax of DNS Firewall. */
export function endpointHosts({ endpoints, otherEndpoints }: ToolEndpoints, region: string): string[] {
  const domain = `${region}.${RegionInfo.get(region).domainSuffix}`;
  const known = endpoints.flatMap((service) => HOSTS_OF_ENDPOINTS[service] ?? [service]);
  return [...known.map((host) => `${host}.${domain}`), ...otherEndpoints.flatMap(({ hosts }) => hosts)];
}
