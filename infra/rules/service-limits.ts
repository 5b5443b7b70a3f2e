import type { Rule } from './rule.ts';
import { groupRules } from './security-groups.ts';
import { listOf, type Properties, type SynthesizedTemplate } from './synthesized-template.ts';

/** Lengths of references with a known form, in characters; the longest region and partition. */
const LENGTHS: Readonly<Record<string, number>> = {
  'AWS::AccountId': 12,
  'AWS::Partition': 10,
  'AWS::Region': 14,
  'AWS::StackId': 150,
  'AWS::StackName': 64,
  'AWS::URLSuffix': 16,
};
/** Length of another reference: an ARN with a name of 64 characters, the longest that CloudFormation generates for IAM. */
const REFERENCE_LENGTH = 120;
/** Length of the ARN of a secret besides its name. */
const SECRET_ARN_LENGTH = 72;
/** Length of what `Fn::Select` takes out of another value. */
const PART_LENGTH = 40;

function lengthOf(name: string, template: SynthesizedTemplate): number {
  const { Type, Properties: own } = template.resources[name] ?? {};
  const named = Type === 'AWS::SecretsManager::Secret' && typeof own?.['Name'] === 'string';
  return LENGTHS[name] ?? (named ? SECRET_ARN_LENGTH + own['Name'].length : REFERENCE_LENGTH);
}

/** A value with each reference replaced by text of its estimated length. */
function deployed(value: unknown, template: SynthesizedTemplate): unknown {
  if (Array.isArray(value)) return value.map((item) => deployed(item, template));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join, 'Fn::Select': part } = value as Properties;
  if (typeof Ref === 'string') return '*'.repeat(lengthOf(Ref, template));
  if (attribute !== undefined) return '*'.repeat(REFERENCE_LENGTH);
  if (Array.isArray(join?.[1])) return join[1].map((item) => deployed(item, template)).join(join[0]);
  if (part !== undefined) return '*'.repeat(PART_LENGTH);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deployed(item, template)]));
}

/** Bytes of a text, or of a value as JSON without whitespace, as it will be deployed. */
function bytes(value: unknown, template: SynthesizedTemplate): number {
  if (value === undefined) return 0;
  const text = deployed(value, template);
  return Buffer.byteLength(typeof text === 'string' ? text : JSON.stringify(text));
}

interface Limit {
  readonly type: string;
  /** The measured property, for the message. */
  readonly what: string;
  readonly most: number;
  /** The page or API of AWS that states the limit. */
  readonly source: string;
  measure(properties: Properties, template: SynthesizedTemplate, logicalId: string): number;
}

/** A limit of the bytes of a property, references estimated. */
function size(type: string, property: string, most: number, source: string): Limit {
  return {
    type,
    what: `bytes of ${property}`,
    most,
    source,
    measure: (properties, template) => bytes(properties[property], template),
  };
}

/** A limit of the items of a list. */
function count(type: string, property: string, most: number, source: string): Limit {
  return {
    type,
    what: `items of ${property}`,
    most,
    source,
    measure: (properties) => listOf(properties[property]).length,
  };
}

/** Values of a key at any depth. */
function everyValue(value: unknown, key: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => (name === key ? [item] : everyValue(item, key)));
}

const ROLE = 'AWS::IAM::Role';
const ACL = 'AWS::WAFv2::WebACL';
const IAM = 'IAM User Guide, "IAM and AWS STS quotas"';
const ELB = 'Application Load Balancer quotas';
const WAF = 'WAFV2 API Reference';
/** Pages whose limits AWS raises on request. No other can be raised. */
const RAISABLE = /^(?:VPC quotas|AWS PrivateLink quotas|Application Load Balancer quotas)/;
const longest = (values: readonly unknown[]) =>
  Math.max(0, ...values.map((value) => Buffer.byteLength(String(value))));
const most = (lists: readonly unknown[]) => Math.max(0, ...lists.map((list) => listOf(list).length));

/** Limits of services for one resource; read in November 2026. */
const LIMITS: readonly Limit[] = [
  size('AWS::IAM::ManagedPolicy', 'PolicyDocument', 6144, IAM),
  size('AWS::IAM::Policy', 'PolicyDocument', 10_240, IAM),
  size(ROLE, 'Policies', 10_240, IAM),
  size(ROLE, 'AssumeRolePolicyDocument', 2048, IAM),
  size(ROLE, 'Description', 1000, IAM),
  {
    type: ROLE,
    what: 'managed policies',
    most: 10,
    source: IAM,
    measure: ({ ManagedPolicyArns }, template, logicalId) =>
      listOf(ManagedPolicyArns).length +
      template
        .all('AWS::IAM::ManagedPolicy')
        .filter(({ properties }) => JSON.stringify(properties['Roles'] ?? []).includes(`"${logicalId}"`))
        .length,
  },
  size('AWS::KMS::Key', 'KeyPolicy', 32_768, 'AWS KMS quotas'),
  size('AWS::KMS::Key', 'Description', 8192, 'KMS API Reference'),
  size('AWS::SecretsManager::ResourcePolicy', 'ResourcePolicy', 20_480, 'Secrets Manager quotas'),
  size('AWS::SecretsManager::Secret', 'SecretString', 65_536, 'Secrets Manager quotas'),
  size('AWS::SecretsManager::Secret', 'Name', 512, 'Secrets Manager API Reference'),
  size('AWS::SNS::TopicPolicy', 'PolicyDocument', 30_720, 'SNS API permissions reference, "Policy quotas"'),
  size('AWS::SNS::Topic', 'DisplayName', 100, 'SNS API Reference'),
  size('AWS::S3::BucketPolicy', 'PolicyDocument', 20_480, 'S3 User Guide, "Bucket policies"'),
  size('AWS::EC2::VPCEndpoint', 'PolicyDocument', 20_480, 'AWS PrivateLink Guide, "Endpoint policies"'),
  size('AWS::Logs::ResourcePolicy', 'PolicyDocument', 5120, 'CloudWatch Logs quotas'),
  size(
    'AWS::Logs::LogGroup',
    'ResourcePolicyDocument',
    51_200,
    'CloudWatch Logs User Guide, "Logs sent to CloudWatch Logs"',
  ),
  size('AWS::Logs::LogGroup', 'LogGroupName', 512, 'CloudWatch Logs API Reference'),
  size('AWS::Logs::MetricFilter', 'FilterPattern', 1024, 'CloudWatch Logs API Reference'),
  size('AWS::Logs::QueryDefinition', 'Name', 255, 'CloudWatch Logs API Reference'),
  size('AWS::Logs::QueryDefinition', 'QueryString', 10_000, 'CloudWatch Logs API Reference'),
  size('AWS::Lambda::Function', 'Environment', 4096, 'Lambda quotas'),
  size('AWS::Lambda::Function', 'Description', 256, 'Lambda API Reference'),
  size('AWS::Events::Rule', 'EventPattern', 2048, 'EventBridge quotas'),
  {
    type: 'AWS::ECS::TaskDefinition',
    what: 'bytes of the definition',
    most: 65_536,
    source: 'ECS quotas',
    measure: bytes,
  },
  size(ACL, 'Name', 128, WAF),
  count(ACL, 'Rules', 100, WAF),
  {
    type: ACL,
    what: 'country codes of a statement',
    most: 50,
    source: `${WAF}, GeoMatchStatement`,
    measure: ({ Rules }) => most(everyValue(Rules, 'CountryCodes')),
  },
  {
    type: ACL,
    what: 'bytes of a SearchString',
    most: 200,
    source: `${WAF}, ByteMatchStatement`,
    measure: ({ Rules }) => longest(everyValue(Rules, 'SearchString')),
  },
  {
    type: ACL,
    what: 'overrides of a managed group',
    most: 100,
    source: `${WAF}, ManagedRuleGroupStatement`,
    measure: ({ Rules }) => most(everyValue(Rules, 'RuleActionOverrides')),
  },
  count('AWS::WAFv2::IPSet', 'Addresses', 10_000, WAF),
  count(
    'AWS::Route53Resolver::FirewallDomainList',
    'Domains',
    1000,
    'Route 53 Resolver API Reference, UpdateFirewallDomains',
  ),
  count('AWS::Route53Resolver::FirewallRuleGroup', 'FirewallRules', 100, 'Route 53 quotas'),
  ...(['Ingress', 'Egress'] as const).map(
    (direction): Limit => ({
      type: 'AWS::EC2::SecurityGroup',
      what: `${direction.toLowerCase()} rules`,
      most: 60,
      source: 'VPC quotas',
      measure: (_properties, template, logicalId) =>
        groupRules(template, direction).filter(({ group }) => group === logicalId).length,
    }),
  ),
  {
    type: 'AWS::EC2::VPC',
    what: 'interface endpoints',
    most: 50,
    source: 'AWS PrivateLink quotas',
    measure: (_properties, template) =>
      template
        .all('AWS::EC2::VPCEndpoint')
        .filter(({ properties }) => properties['VpcEndpointType'] === 'Interface').length,
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    what: 'condition values',
    most: 5,
    source: ELB,
    measure: ({ Conditions }) => everyValue(Conditions, 'Values').flat().length,
  },
  count('AWS::ElasticLoadBalancingV2::TrustStoreRevocation', 'RevocationContents', 30, ELB),
  {
    type: 'AWS::ApplicationAutoScaling::ScalableTarget',
    what: 'tasks during a deployment',
    most: 1000,
    source: `${ELB}, "Targets per Target Group"`,
    // A rolling deployment starts the new tasks before it stops the old ones.
    measure: ({ MaxCapacity }) => 2 * MaxCapacity,
  },
  size('AWS::CloudWatch::Alarm', 'AlarmName', 255, 'CloudWatch API Reference'),
  size('AWS::CloudWatch::Alarm', 'AlarmDescription', 1024, 'CloudWatch API Reference'),
  size('AWS::CertificateManager::Certificate', 'DomainName', 64, 'ACM API Reference, RequestCertificate'),
  {
    type: 'AWS::Budgets::Budget',
    what: 'bytes of BudgetName',
    most: 100,
    source: 'Budgets API Reference',
    measure: ({ Budget }, template) => bytes(Budget?.BudgetName, template),
  },
];

/** CloudFormation's limits of a template ("CloudFormation quotas"): a template of the CDK is deployed from S3. */
const TEMPLATE = { bytes: 1_000_000, Resources: 500, Outputs: 200, Parameters: 200, Tags: 50 } as const;

export const serviceLimitRules: readonly Rule[] = [
  {
    id: 'ServiceLimits',
    control: 'No policy, list, name or text is larger than its AWS service accepts',
    fsbp: [],
    file: 'infra/rules/service-limits.ts',
    check: (template) => [
      ...LIMITS.flatMap(({ type, what, most: limit, source, measure }) =>
        template.all(type).flatMap(({ logicalId, properties }) => {
          const got = measure(properties, template, logicalId);
          if (got <= limit) return [];
          const problem = `must have at most ${limit} ${what}, has about ${got} (${source})`;
          return [{ logicalId, problem, refused: !RAISABLE.test(source) }];
        }),
      ),
      ...Object.entries(template.resources).flatMap(([logicalId, { Properties: own }]) =>
        listOf(own?.['Tags']).length > TEMPLATE.Tags
          ? [{ logicalId, problem: `must have at most ${TEMPLATE.Tags} tags`, refused: true }]
          : [],
      ),
      ...(['Resources', 'Outputs', 'Parameters'] as const).flatMap((part) => {
        const got = Object.keys(template.whole[part] ?? {}).length;
        if (got <= TEMPLATE[part]) return [];
        return [{ problem: `must have at most ${TEMPLATE[part]} ${part}, has ${got}`, refused: true }];
      }),
      // The CDK indents a template by one space.
      ...(JSON.stringify(template.whole, undefined, 1).length > TEMPLATE.bytes
        ? [{ problem: `must have at most ${TEMPLATE.bytes} bytes`, refused: true }]
        : []),
    ],
  },
];
