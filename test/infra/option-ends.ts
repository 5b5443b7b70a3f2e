import { readFileSync } from 'node:fs';
import { COUNTRY_CODES } from '../../infra/constructs/web-acl/country-codes.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import type { OptionSchema } from '../../scripts/docs/option-docs.ts';
import { caCertificates, certificateArn, digest, endpointSecurityGroupId } from './combinations.ts';

/** The generated schema of all options; test/scripts/options.test.ts keeps it current. */
export const SCHEMA: OptionSchema = JSON.parse(
  readFileSync(new URL('../../docs/configuration.schema.json', import.meta.url), 'utf8'),
);

export type End = 'lower' | 'upper';
/** By the network of the tasks: each excludes options of the others. */
type Kind = 'nat' | 'endpoints' | 'vpc';
type Text = (index: number) => string;

/** A text of a length, with a number in it that makes it unique in a list. */
function long(before: string, length: number, after = ''): Text {
  return (index) => `${before}${String(index).padStart(length - before.length - after.length, 'x')}${after}`;
}

/** A domain name of a length. */
function domain(length: number): Text {
  const end = '.example.com';
  return (index) => {
    let name = `a${index}`;
    for (let room = length - end.length - name.length; room > 0; room = length - end.length - name.length) {
      const label = name.length - name.lastIndexOf('.') - 1;
      name += label < 60 || room < 3 ? 'x' : '.x';
    }
    return `${name}${end}`;
  };
}

const always = (text: string): [Text, Text] => [() => text, () => text];
const id = (prefix: string, first = 0): [Text, Text] => [
  (index) => `${prefix}${(first + index).toString(16).padStart(8, '0')}`,
  (index) => `${prefix}${(first + index).toString(16).padStart(17, '0')}`,
];
const zone: Text = (index) => `us-east-1${'abcdef'[index]}`;
const address: Text = (index) => `203.${100 + (index >> 8)}.${100 + (index & 127)}.${100 + (index % 100)}/32`;
const principal: [Text, Text] = [
  (index) => `arn:aws:iam::123456789012:user/${index}`,
  long('arn:aws:iam::123456789012:role/', 543),
];
const object: [Text, Text] = [
  (index) => `s3://pki/${index}`,
  long(`s3://${'b'.repeat(63)}/`, 5 + 63 + 1 + 1024),
];
const email: [Text, Text] = [() => 'a@b.co', long('a@', 254, '.example.com')];

/** The shortest and the longest text of an option that no list of words bounds, by path; `[]` is an item of a list. */
const TEXTS: Readonly<Record<string, readonly [lower: Text, upper: Text]>> = {
  name: [() => 'M', long('M', 20)],
  account: always('123456789012'),
  region: always('us-east-1'),
  'domain.domainName': [() => 'a.co', domain(64)],
  'domain.certificateArn': always(certificateArn),
  'domain.hostedZone.id': [() => 'Z1', () => `Z${'9'.repeat(31)}`],
  'domain.privateZone.id': [() => 'Z1', () => `Z${'9'.repeat(31)}`],
  'domain.privateZone.name': [() => 'co', () => 'example.com'],
  'domain.hostedZone.name': [() => 'co', () => 'example.com'],
  'network.cidr': [() => '10.0.0.0/24', () => '10.0.0.0/16'],
  'network.zones[]': [zone, zone],
  'network.s3PrefixListId': id('pl-'),
  'network.dynamodbPrefixListId': id('pl-'),
  'network.internalCidrs[]': [() => '10.0.0.0/8', (index) => `10.200.${index}.1/32`],
  'network.otherEndpoints[].service': [(index) => `x${index}`, long('x', 61)],
  'network.otherEndpoints[].hosts[]': [() => 'a.co', domain(253)],
  'network.vpc.vpcId': id('vpc-'),
  'network.vpc.availabilityZones[]': [zone, zone],
  'network.vpc.publicSubnetIds[]': id('subnet-'),
  'network.vpc.privateSubnetIds[]': id('subnet-', 16),
  'network.vpc.endpointSecurityGroupId': always(endpointSecurityGroupId),
  'secrets.apiKeySecretArn': [
    () => 'arn:aws:secretsmanager:us-east-1:123456789012:secret:u-AbCdEf',
    long('arn:aws:secretsmanager:us-east-1:123456789012:secret:', 572, '-AbCdEf'),
  ],
  'secrets.apiKeyKmsKeyArn': always(
    'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555',
  ),
  'secrets.administratorArns[]': principal,
  'secrets.clients[].clientId': [(index) => String(index), long('c', 64)],
  'secrets.clients[].scopes[]': [() => 's', long('s', 64)],
  'secrets.clients[].principalArn': principal,
  'image.imageUri': [
    () => `123456789012.dkr.ecr.us-east-1.amazonaws.com/a@${digest}`,
    long('123456789012.dkr.ecr.us-east-1.amazonaws.com/', 255, `@${digest}`),
  ],
  'task.server.image': [
    () => './server',
    long('123456789012.dkr.ecr.us-east-1.amazonaws.com/', 255, `@${digest}`),
  ],
  'task.server.path': [() => '/', long('/', 201)],
  'task.server.command[]': [() => 'x', long('x', 2000)],
  'task.server.secretsKmsKeyArns[]': [
    (index) => `arn:aws:kms:us-east-1:123456789012:key/${index}`,
    long('arn:aws:kms:us-east-1:123456789012:key/', 75),
  ],
  'task.server.hosts[]': [() => 'a.co', domain(253)],
  'task.policyStatements[].actions[]': [() => 's3:GetObject', long('s3:G', 30)],
  'task.policyStatements[].resources[]': [() => 'arn:aws:s3:::b', long('arn:aws:s3:::b/', 40)],
  'task.oauth.issuer': [() => 'https://a.co', long('https://login.example.com/', 512)],
  'task.oauth.audience': [() => 'a', long('https://mcp.example.com/', 512)],
  'task.oauth.jwksUrl': [() => 'https://a.co', long('https://login.example.com/', 512)],
  'task.oauth.scopePrefix': [() => 'a', long('a', 512)],
  'task.allowedDomains[]': [() => 'a.co', domain(20)],
  'task.allowedOrigins[]': [() => 'https://a.co', (index) => `https://${domain(253)(index)}`],
  'dnsFirewall.additionalDomains[]': [() => 'a.co', domain(253)],
  'edge.allowedCidrs[]': [() => '0.0.0.0/0', address],
  'edge.mutualTls.caBundle': object,
  'edge.mutualTls.revocationLists[]': object,
  'webAcl.allowedCountries[]': [() => 'DE', (index) => COUNTRY_CODES[index] ?? ''],
  'webAcl.blockedCidrs[]': [() => '128.0.0.0/1', (index) => `203.${index >> 8}.${index & 255}.100/32`],
  'webAcl.sharedCidrs[]': [() => '128.0.0.0/1', (index) => `203.0.${index}.100/32`],
  'webAcl.countOnlyRules[]': [
    () => 'AWSManagedRulesCommonRuleSet/a',
    long('AWSManagedRulesCommonRuleSet/', 29 + 128),
  ],
  'monitoring.email': email,
  'monitoring.pagerEmail': email,
  'monitoring.runbookUrl': [() => 'http://a', long('https://wiki.example.com/', 508)],
  'budget.email': email,
  'guardDuty.agentAccount': always('123456789012'),
};

/** Numbers whose schema states a rule instead of bounds. */
const NUMBERS: Readonly<Record<string, readonly [lower: number, upper: number]>> = {
  'task.memoryMiB': [512, 122_880],
  ...Object.fromEntries(
    [
      'network.flowLogRetentionDays',
      'auditLog.retentionDays',
      'dnsFirewall.logRetentionDays',
      'webAcl.logRetentionDays',
      'task.server.logRetentionDays',
    ].map((path) => [path, [1, 3653]]),
  ),
};

interface Plan {
  readonly end: End;
  /** Options that the others of the stage exclude. */
  readonly without: readonly string[];
  /** Least number of items of every list. */
  readonly least: number;
  /** Values that depend on another option, by path. */
  readonly values: Readonly<Record<string, unknown>>;
}

function missing(path: string): never {
  throw new Error(
    `test/infra/option-ends.ts must state both ends of ${path}, because its schema has no bounds`,
  );
}

/** The value of an option at one end. */
function valueAt(plan: Plan, schema: OptionSchema, path: string, index = 0): unknown {
  const end = plan.end === 'lower' ? 0 : 1;
  if (path in plan.values) return plan.values[path];
  if (schema.properties) {
    const entries = Object.entries(schema.properties).flatMap(([name, option]) => {
      const inner = path ? `${path}.${name}` : name;
      return plan.without.includes(inner) ? [] : [[name, valueAt(plan, option, inner, index)] as const];
    });
    return Object.fromEntries(entries);
  }
  if (schema.type === 'array') return listAt(plan, schema, path);
  if (schema.enum) return schema.enum.at(end === 0 ? 0 : -1);
  if (schema.type === 'boolean') return plan.end === 'upper';
  if (schema.type === 'string') return (TEXTS[path] ?? missing(path))[end](index);
  return NUMBERS[path]?.[end] ?? (plan.end === 'lower' ? schema.minimum : schema.maximum) ?? missing(path);
}

/** A list of as few items as it may have, or as many as fit. */
function listAt(
  plan: Plan,
  { items, minItems, maxItems, characters }: OptionSchema,
  path: string,
): unknown[] {
  if (maxItems === undefined || !items) return missing(path);
  const count = plan.end === 'lower' ? Math.max(minItems ?? 0, plan.least) : maxItems;
  const all = Array.from({ length: count }, (_, index) =>
    items.enum ? items.enum[index] : valueAt(plan, items, `${path}[]`, index),
  );
  while (characters !== undefined && JSON.stringify(all).length > characters) all.pop();
  return all;
}

const TOOL_ENDPOINTS = ['s3PrefixListId', 'dynamodbPrefixListId', 'endpoints', 'otherEndpoints'].map(
  (name) => `network.${name}`,
);
const TOOLS = ['tools', 'task.caCertificates'];
/** The fixed tools with the shortest and the longest values; tools.test.ts tries as many tools as fit. */
const tools = {
  lower: { example_http: { settings: { apiHost: 'a.co' }, secrets: { apiKey: 'create' } } },
  upper: {
    example: {},
    example_http: {
      settings: { apiHost: domain(253)(0) },
      secrets: {
        apiKey: {
          arn: long('arn:aws:secretsmanager:us-east-1:123456789012:secret:', 572, '-AbCdEf')(0),
          kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555',
        },
      },
      deadlineMs: 50_000,
      limitPerMinute: 100_000,
    },
    example_aws: {
      settings: { tableArn: long('arn:aws:dynamodb:us-east-1:123456789012:table/', 301)(0) },
      deadlineMs: 50_000,
      limitPerMinute: 100_000,
    },
  },
} as const;
const API_KEY = ['apiKeySecretArn', 'apiKeyKmsKeyArn', 'apiKeyMaxAgeDays'].map((name) => `secrets.${name}`);

/** The most clients that a stage takes, with the longest ids that fit the list of them. */
const clients = Array.from({ length: 30 }, (_, index) => ({
  clientId: long('c', 61)(index),
  scopes: ['s'],
  principalArn: principal[1](index),
  rotateEveryDays: 90,
}));

/** Twenty of them, or one of fifty actions or resources, are nearly all the text that fits a policy of the task. */
const statement = { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/k'] };
const many = (count: number, text: Text) => Array.from({ length: count }, (_, index) => text(index));
const statements = {
  nat: many(20, long('arn:aws:s3:::b/', 115)).map((resource) => ({ ...statement, resources: [resource] })),
  endpoints: [{ ...statement, actions: many(50, long('s3:G', 60)) }],
  vpc: [{ ...statement, resources: many(50, long('arn:aws:s3:::b/', 60)) }],
};

/** Entries with keys of one beginning. */
const texts = (count: number, key: string, text: Text) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${key}${index}`, text(index)]));

/** As many as a stack takes, and together as long. */
const tags = Object.fromEntries(many(40, long('cost-center-', 20)).map((key) => [key, key]));

const SERVICES = SCHEMA.properties?.['network']?.properties?.['endpoints']?.items?.enum ?? [];
const CLIENT = SCHEMA.properties?.['secrets']?.properties?.['clients']?.items ?? {};

/** Stages that exclude each other, which together set every option. */
function stagesAt(end: End): Readonly<Record<Kind, unknown>> {
  const upper = end === 'upper';
  const at = (least: number, without: readonly string[], values: Plan['values']) =>
    valueAt({ end, least, without, values }, SCHEMA, '');
  const untagged = { tags: {} };
  const records = upper
    ? {
        'image.buildArgs': texts(20, 'A', () => 'x'.repeat(180)),
        'image.buildSecrets': texts(10, 'a', () => 'x'.repeat(380)),
        'task.server.environment': texts(50, 'A', () => 'x'.repeat(148)),
        'task.server.secrets': {
          KEY: long('arn:aws:secretsmanager:us-east-1:123456789012:secret:', 572, '-AbCdEf')(1),
          ...texts(12, 'S', long('arn:aws:secretsmanager:us-east-1:123456789012:secret:', 80, '-AbCdEf')),
        },
      }
    : Object.fromEntries(
        ['image.buildArgs', 'image.buildSecrets', 'task.server.environment', 'task.server.secrets'].map(
          (path) => [path, {}],
        ),
      );
  const direct = { 'network.egress': 'nat', 'task.scrapeEngine': 'direct' };
  const internetFacing = { 'edge.scheme': 'internet-facing' };
  const internal = { 'edge.scheme': 'internal', ...(!upper && { 'edge.allowedCidrs': ['10.0.0.0/8'] }) };
  return {
    nat: at(
      0,
      [
        ...['domain.certificateArn', 'domain.privateZone', 'network.vpc', 'image.imageUri', 'task.oauth'],
        'edge.verifyTokens',
        ...TOOL_ENDPOINTS,
        ...API_KEY,
        'network.internalCidrs',
        // With it, the longest of everything would be larger than the template may be.
        'task.server',
      ],
      {
        ...direct,
        ...internetFacing,
        ...untagged,
        ...records,
        // The last one reads pages, which the options about them require.
        tools: { ...tools[end], fetch_page: {} },
        'task.caCertificates': caCertificates,
        ...(upper && { 'secrets.clients': clients, 'task.policyStatements': statements.nat }),
      },
    ),
    endpoints: at(
      1,
      [
        'domain.hostedZone',
        'network.vpc',
        'network.zones',
        'task.oauth',
        'edge.verifyTokens',
        'rateLimitStore',
        'archive',
        'task.caCertificates',
        'webAcl.allowedCountries',
        'task.server',
      ],
      {
        ...untagged,
        ...records,
        ...internal,
        'network.egress': 'endpoints',
        tools: { ...tools[end], fetch_page: {} },
        'network.endpoints': upper ? [...SERVICES.slice(0, 35), 'dynamodb'] : ['dynamodb'],
        'task.scrapeEngine': 'webscraping-ai',
        ...(upper && {
          'domain.domainName': domain(196)(0),
          'secrets.clients': [
            valueAt({ end, least: 0, without: [], values: {} }, CLIENT, 'secrets.clients[]'),
          ],
          'task.policyStatements': statements.endpoints,
        }),
      },
    ),
    vpc: at(
      1,
      [
        ...['domain.hostedZone', 'domain.privateZone', 'network.zones', 'secrets.clients', 'dnsFirewall'],
        'rateLimitStore',
        ...TOOL_ENDPOINTS,
        ...API_KEY,
        ...TOOLS,
        'network.internalCidrs',
        // The load balancer takes 256 characters of an issuer, and the service 512.
        ...(upper ? ['edge.verifyTokens'] : []),
      ],
      {
        ...direct,
        ...records,
        ...internetFacing,
        tags: upper ? tags : {},
        'image.imageUri': upper ? long('ghcr.io/', 255, `@${digest}`)(0) : `a@${digest}`,
        ...(upper
          ? { 'task.allowedDomains': many(93, domain(253)), 'task.policyStatements': statements.vpc }
          : {
              // The service needs at least half of them.
              'task.cpu': 512,
              'task.memoryMiB': 1024,
              'network.vpc.publicSubnetIds': ['subnet-00000001', 'subnet-00000002'],
              'network.vpc.privateSubnetIds': ['subnet-00000003', 'subnet-00000004'],
            }),
      },
    ),
  };
}

/** Every option at both ends, in as few stages as exclude each other. */
export const ENDS = { lower: stagesAt('lower'), upper: stagesAt('upper') } as Readonly<
  Record<End, Readonly<Record<Kind, StageConfig>>>
>;

/** Names of the stacks: the shortest, and the longest with a rate limit store, with neither it nor an archive, and with an archive. */
export const STACK_NAMES: Readonly<Record<End, Readonly<Record<Kind, string>>>> = {
  lower: { nat: 'M', endpoints: 'M', vpc: 'M' },
  upper: { nat: long('Mcp-', 33)(1), endpoints: long('Mcp-', 64)(1), vpc: long('Mcp-', 56)(1) },
};
