import { RegionInfo } from 'aws-cdk-lib/region-info';
import { HOSTS_OF_ENDPOINTS } from './endpoint-services.ts';

/** Rights of a tool: IAM actions on resources. */
export interface Rights {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Services, such as `s3`, that use the actions for the tool; it does not call them itself. @default - it does */
  readonly via?: readonly string[];
}

/** Actions that use a key, which the services that store encrypted data do for their callers. */
const KEY_USE = /^kms:(?:Decrypt|Encrypt|GenerateDataKey\w*|ReEncrypt\w+)$/;

/** The rights of one tool, with those on keys only through the other services that it calls, if it calls any. */
export function throughServices(rights: readonly Rights[]): Rights[] {
  const prefixes = rights.flatMap(({ actions }) => actions.map((action) => action.split(':')[0] ?? ''));
  const via = [...new Set(prefixes)].filter((prefix) => prefix !== 'kms').sort();
  if (via.length === 0) return [...rights];
  return rights.flatMap(({ actions, resources }) => {
    const key = actions.filter((action) => KEY_USE.test(action));
    const others = actions.filter((action) => !KEY_USE.test(action));
    const keys = resources.filter((resource) => resource.split(':')[2] === 'kms');
    return [
      ...(others.length > 0 ? [{ actions: others, resources }] : []),
      ...(key.length > 0 ? [{ actions: key, resources: keys.length > 0 ? keys : resources, via }] : []),
    ];
  });
}

/** A service as tools call it: its endpoint, if it has one with private DNS, and its hosts. */
interface Called {
  /** Last part of the endpoint's name; absent for a service that has no endpoint with private DNS. */
  readonly endpoint?: string;
  /** Hosts without the domain of the region. @default - those of the endpoint */
  readonly hosts?: readonly string[];
}

/**
 * Services whose action prefix, host and endpoint have one name, and whose whole API has this host.
 *
 * Compared with botocore (commit 0e6e2404, August 2026): `signingName`, `endpointPrefix`, and no `hostPrefix` in any
 * operation.
 */
const SAME_NAME: readonly string[] = [
  ...['access-analyzer', 'athena', 'cloudformation', 'cloudtrail', 'codebuild', 'codecommit', 'codepipeline'],
  ...['cognito-identity', 'cognito-idp', 'comprehend', 'comprehendmedical', 'config', 'ec2', 'ecs', 'eks'],
  ...[
    'elasticache',
    'elasticloadbalancing',
    'emr-containers',
    'emr-serverless',
    'events',
    'glue',
    'guardduty',
  ],
  ...['inspector2', 'kendra', 'kms', 'lambda', 'pipes', 'polly', 'ram', 'rds', 'rds-data', 'redshift'],
  ...['redshift-data', 'redshift-serverless', 'rekognition', 'resource-groups', 's3tables', 's3vectors'],
  ...['schemas', 'secretsmanager', 'securityhub', 'servicecatalog', 'sns', 'sqs', 'ssm', 'sts', 'textract'],
  ...['translate', 'verifiedpermissions', 'wafv2', 'xray'],
];

/** Services with other names, and those whose operations have several hosts: the first row that matches an action counts. */
const OTHER_NAMES: readonly (readonly [action: RegExp, called: Called])[] = [
  [/^dynamodb:(?:DescribeStream|GetRecords|GetShardIterator|ListStreams)$/, { hosts: ['streams.dynamodb'] }],
  [/^dynamodb:/, { endpoint: 'dynamodb' }],
  [/^s3:/, { endpoint: 's3' }],
  [
    /^bedrock:(?:ApplyGuardrail|CountTokens|GetAsyncInvoke|InvokeGuardrailChecks|InvokeModel\w*|ListAsyncInvokes|StartAsyncInvoke)$/,
    { endpoint: 'bedrock-runtime' },
  ],
  [
    /^bedrock:(?:GenerateQuery|GetDocumentContent|Invoke(?:Agent|Flow|InlineAgent)|OptimizePrompt|Rerank|Retrieve\w*)$/,
    { endpoint: 'bedrock-agent-runtime' },
  ],
  [
    /^bedrock:(?:GetFoundationModel|GetInferenceProfile|ListFoundationModels|ListInferenceProfiles)$/,
    { endpoint: 'bedrock' },
  ],
  [/^sagemaker:InvokeEndpoint\w*$/, { endpoint: 'sagemaker.runtime' }],
  [/^states:(?:StartSyncExecution|TestState)$/, { endpoint: 'sync-states' }],
  [/^states:/, { endpoint: 'states' }],
  [/^transcribe:StartStreamTranscription\w*$/, { endpoint: 'transcribestreaming' }],
  [/^transcribe:/, { endpoint: 'transcribe' }],
  // Its live tail has the host `stream-logs`.
  [/^logs:(?!StartLiveTail$|GetLogObject$)/, { endpoint: 'logs' }],
  [/^cloudwatch:/, { endpoint: 'monitoring' }],
  [/^kinesis:/, { endpoint: 'kinesis-streams' }],
  [/^firehose:/, { endpoint: 'kinesis-firehose' }],
  [/^ses:/, { endpoint: 'email' }],
  [/^tag:/, { endpoint: 'tagging' }],
  [/^execute-api:/, { endpoint: 'execute-api' }],
];

/** The service that an action calls; undefined if the table does not know its hosts. */
function calledBy(action: string): Called | undefined {
  const [prefix = ''] = action.split(':');
  if (SAME_NAME.includes(prefix)) return { endpoint: prefix };
  return OTHER_NAMES.find(([pattern]) => pattern.test(action))?.[1];
}

/** The rights that a tool uses itself. */
function direct(rights: readonly Rights[]): readonly Rights[] {
  return rights.filter(({ via }) => via === undefined);
}

/** Actions of services whose hosts this table does not know. */
export function unknownActions(rights: readonly Rights[]): string[] {
  return direct(rights).flatMap(({ actions }) => actions.filter((action) => calledBy(action) === undefined));
}

/** Actions of services that have no endpoint with private DNS. */
export function actionsWithoutEndpoint(rights: readonly Rights[]): string[] {
  return rights.flatMap(({ actions }) =>
    actions.filter((action) => calledBy(action) !== undefined && calledBy(action)?.endpoint === undefined),
  );
}

/** The rights by the endpoint of their service, by the last part of the endpoint's name. */
export function rightsByEndpoint(rights: readonly Rights[]): ReadonlyMap<string, readonly Rights[]> {
  const found = new Map<string, Rights[]>();
  for (const { actions, resources } of direct(rights)) {
    for (const endpoint of new Set(actions.flatMap((action) => calledBy(action)?.endpoint ?? []))) {
      const own = actions.filter((action) => calledBy(action)?.endpoint === endpoint);
      found.set(endpoint, [...(found.get(endpoint) ?? []), { actions: own, resources }]);
    }
  }
  return found;
}

/**
 * Hosts that the AWS SDK connects to for these rights, in the syntax of DNS Firewall: in the region of each resource, and
 * otherwise in the stage's own. The actions of unknown services have none.
 */
export function hostsOfRights(rights: readonly Rights[], region: string): string[] {
  const hosts = direct(rights).flatMap(({ actions, resources }) =>
    actions.flatMap((action) => {
      const called = calledBy(action);
      if (called === undefined) return [];
      return resources.flatMap((resource) => {
        const name = regionCalled(called, resource) ?? region;
        const domain = `${name}.${RegionInfo.get(name).domainSuffix}`;
        const own =
          called.endpoint === 's3' ? hostsOfS3(resource) : (called.hosts ?? hostsOf(called.endpoint));
        return own.map((host) => `${host}.${domain}`);
      });
    }),
  );
  return [...new Set(hosts)];
}

/** Resources that are called in another region than the stage's. */
export function resourcesElsewhere(rights: readonly Rights[], region: string): string[] {
  return direct(rights).flatMap(({ actions, resources }) =>
    resources.filter((resource) =>
      actions.some((action) => (regionCalled(calledBy(action) ?? {}, resource) ?? region) !== region),
    ),
  );
}

/**
 * The region where a resource is called, if that is another than the stage's. A model of Bedrock is called in the stage's
 * own: the ARNs of other regions are those that an inference profile may route to.
 */
function regionCalled({ endpoint = '' }: Called, resource: string): string | undefined {
  return endpoint.startsWith('bedrock') ? undefined : regionOf(resource);
}

/** The region that an ARN names; absent for a global name, or one with a wildcard. */
export function regionOf(resource: string): string | undefined {
  const [, , , region = ''] = resource.split(':');
  return /^[a-z0-9-]+$/.test(region) ? region : undefined;
}

function hostsOf(endpoint = ''): readonly string[] {
  return HOSTS_OF_ENDPOINTS[endpoint] ?? [endpoint];
}

/**
 * The host of the one bucket. The SDK writes a bucket's name into the path instead if the name has a dot, which the
 * certificate would not cover.
 */
function hostsOfS3(resource: string): readonly string[] {
  const [, , , , account = '', name = ''] = resource.split(':');
  if (account !== '') return ['*.s3-accesspoint'];
  const [bucket = ''] = name.split('/');
  return /^[a-z0-9-]+$/.test(bucket) ? [`${bucket}.s3`] : ['s3', '*.s3'];
}
