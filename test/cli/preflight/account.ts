import type { Template } from '../../../cli/synthesize.ts';
import type { Stage } from '../../../infra/stage-config.ts';
import { apiKeyKmsKeyArn } from '../../infra/combinations.ts';
import { type Answers, type Input, Refusal, type Zone } from './stand-in.ts';

export const ACCOUNT = '123456789012';
export const SERVERS = [
  'ns-1.awsdns-01.com',
  'ns-2.awsdns-02.net',
  'ns-3.awsdns-03.org',
  'ns-4.awsdns-04.co.uk',
];

/** DNS of a domain that its registrar delegates to the zone of the account. */
export const DNS: Zone = { 'NS example.com': SERVERS };

const ZONES = [
  ['us-east-1a', 'use1-az1'],
  ['us-east-1b', 'use1-az2'],
  ['us-east-1c', 'use1-az3'],
] as const;

const QUOTAS: Readonly<Record<string, number>> = {
  'L-0263D0A3': 5,
  'L-F678F1CE': 5,
  'L-A4707A72': 5,
  'L-FE5A380F': 5,
  'L-0EA8095F': 60,
  'L-3032A538': 64,
};

/** A value of a form, such as the second one of the first filter. */
const valuesOf = (input: Input, prefix: string) =>
  Object.entries(input).flatMap(([key, value]) => (key.startsWith(prefix) ? [String(value)] : []));

/** Two pages of a list, the first of which is named by no token. */
export function paged<Item>(input: Input, items: readonly Item[]) {
  const [first, ...rest] = items;
  const second = input['NextToken'] !== undefined;
  const page = second ? rest : [first];
  return {
    items: page.filter((item) => item !== undefined),
    token: second || rest.length === 0 ? undefined : 'two',
  };
}

export const vpcsOf = (ids: readonly string[]) => (input: Input) => {
  const { items, token } = paged(input, ids);
  const item = items.map((vpcId) => ({ vpcId, isDefault: false }));
  return { vpcSet: { item }, ...(token ? { nextToken: token } : {}) };
};

/** A hosted zone, as Route 53 describes it. */
export const zone = (Name: string, PrivateZone = false) => ({
  HostedZone: { Id: 'Z1', Name, Config: { PrivateZone } },
  ...(PrivateZone
    ? { VPCs: { VPC: [{ VPCId: 'vpc-office', VPCRegion: 'us-east-1' }] } }
    : { DelegationSet: { NameServers: { NameServer: SERVERS } } }),
});

const subnet = (subnetId: string, vpcId: string, availabilityZone: string, availableIpAddressCount = 50) => ({
  ...{ subnetId, vpcId, availabilityZone, availableIpAddressCount },
});

/** An account that takes the stage: it has all that the configuration names, and nothing in the way. */
export function passing(config: Stage, template: Template): Answers {
  const { domain, network, image } = config;
  const vpc = network.vpc;
  const given = vpc
    ? [...vpc.publicSubnetIds, ...vpc.privateSubnetIds].map((id, index) =>
        subnet(id, vpc.vpcId, vpc.availabilityZones[index % vpc.availabilityZones.length] ?? ''),
      )
    : [];
  const arns = [
    ...config.secrets.clients.map(({ principalArn }) => principalArn),
    ...config.secrets.administratorArns,
  ];
  const principal = (kind: string, name: string) => {
    const Arn = arns.find((arn) => arn.includes(`:${kind}/`) && arn.endsWith(`/${name}`));
    return Arn ?? `arn:aws:iam::${ACCOUNT}:${kind}/aws-service-role/${name}`;
  };
  return {
    'sts:GetCallerIdentity': () => ({
      Account: ACCOUNT,
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/me`,
    }),
    'cloudformation:DescribeStacks': () =>
      new Refusal('ValidationError', 400, 'Stack with id Mcp-test does not exist'),
    'cloudformation:ListStackResources': () =>
      new Refusal('ValidationError', 400, 'Stack with id Mcp-test does not exist'),
    'ssm:GetParameter': ({ Name }) =>
      Name === '/cdk-bootstrap/hnb659fds/version'
        ? { Parameter: { Value: '25' } }
        : new Refusal('ParameterNotFound'),
    'iam:GetRole': ({ RoleName }) => ({ Role: { RoleName, Arn: principal('role', `${RoleName}`) } }),
    'iam:GetUser': ({ UserName }) => ({ User: { UserName, Arn: principal('user', `${UserName}`) } }),
    's3:HeadObject': ({ path }) =>
      /^pki\/(ca|crl)\.pem$/.test(`${path}`) ? { 'content-length': '1234' } : new Refusal('NotFound', 404),
    'route53:GetHostedZone': ({ path }) => {
      const { hostedZone, privateZone } = domain;
      if (privateZone !== undefined && path === privateZone.id) return zone(`${privateZone.name}.`, true);
      if (hostedZone !== undefined && path === hostedZone.id) return zone(`${hostedZone.name}.`);
      return new Refusal('NoSuchHostedZone', 404);
    },
    'route53:ListResourceRecordSets': () => ({
      ResourceRecordSets: { ResourceRecordSet: [{ Name: 'mcpx.example.com.', Type: 'A', TTL: 60 }] },
      IsTruncated: false,
      MaxItems: 100,
    }),
    'acm:DescribeCertificate': ({ CertificateArn }) =>
      CertificateArn !== domain.certificateArn
        ? new Refusal('ResourceNotFoundException')
        : {
            Certificate: {
              ...{
                Status: 'ISSUED',
                DomainName: '*.example.com',
                SubjectAlternativeNames: ['*.example.com'],
              },
              NotAfter: Date.UTC(2100, 0) / 1000,
            },
          },
    'servicequotas:GetServiceQuota': ({ QuotaCode }) => ({ Quota: { Value: QUOTAS[`${QuotaCode}`] } }),
    'ec2:DescribeAddresses': () => ({ addressesSet: { item: [{ publicIp: '192.0.2.1' }] } }),
    'ec2:DescribeVpcs': vpcsOf(['vpc-1', 'vpc-2']),
    'ec2:DescribeInternetGateways': () => ({
      internetGatewaySet: { item: [{ internetGatewayId: 'igw-1' }] },
    }),
    'ec2:DescribeNatGateways': (input) => ({
      natGatewaySet: {
        // Without the filter, those that were deleted would count.
        item: Array(input['Filter.1.Name'] === 'state' ? 1 : 5).fill({
          natGatewayId: 'nat-1',
          subnetId: 'subnet-n',
        }),
      },
    }),
    'ec2:DescribeSubnets': (input) => {
      const all = [subnet('subnet-n', 'vpc-1', 'us-east-1a'), ...given];
      const ids = valuesOf(input, 'Filter.1.Value');
      return { subnetSet: { item: all.filter(({ subnetId }) => ids.includes(subnetId)) } };
    },
    'ec2:DescribeSecurityGroups': (input) => ({
      securityGroupInfo: {
        item: valuesOf(input, 'Filter.1.Value').map((groupId) => ({ groupId, vpcId: vpc?.vpcId })),
      },
    }),
    'ec2:DescribeAvailabilityZones': (input) => ({
      availabilityZoneInfo: {
        item: ZONES.filter(() => input['Filter.1.Value.1'] === 'availability-zone').map(
          ([zoneName, zoneId]) => ({
            zoneName,
            zoneId,
          }),
        ),
      },
    }),
    'ec2:DescribeManagedPrefixLists': (input) => ({
      prefixListSet: {
        item: valuesOf(input, 'Filter.1.Value').map((id) => ({
          prefixListId: id,
          prefixListName: `com.amazonaws.us-east-1.${id === network.dynamodbPrefixListId ? 'dynamodb' : 's3'}`,
        })),
      },
    }),
    'ec2:DescribeVpcEndpointServices': (input) => ({
      serviceDetailSet: {
        item: valuesOf(input, 'Filter.1.Value').map((serviceName) => ({
          serviceName,
          serviceType: { item: [{ serviceType: 'Interface' }] },
          privateDnsName: 'private',
          availabilityZoneSet: { item: ZONES.map(([name]) => name) },
        })),
      },
    }),
    'logs:DescribeResourcePolicies': () => ({
      resourcePolicies: [{ policyName: 'AWSLogDeliveryWrite20150319' }],
    }),
    'lambda:GetAccountSettings': () => ({ AccountLimit: { UnreservedConcurrentExecutions: 1000 } }),
    'secretsmanager:ListSecrets': (input) => {
      const expected = { IncludePlannedDeletion: true, Filters: [{ Key: 'name', Values: ['Mcp-test/'] }] };
      const { IncludePlannedDeletion, Filters } = input;
      return JSON.stringify({ IncludePlannedDeletion, Filters }) === JSON.stringify(expected)
        ? { SecretList: [{ Name: 'Mcp-test/other' }] }
        : new Refusal('InvalidRequestException');
    },
    'secretsmanager:DescribeSecret': () => ({ KmsKeyId: apiKeyKmsKeyArn }),
    'cloudcontrolapi:ListResources': () => ({ ResourceDescriptions: [association('vpc-1', 'rqlc-central')] }),
    'guardduty:ListDetectors': () => ({ detectorIds: ['d1'] }),
    'guardduty:GetDetector': () => detector(asksForAgent(template), false),
    'ecr:DescribeImages': () => ({ imageDetails: [{ imageDigest: image.imageUri?.split('@')[1] }] }),
  };
}

function asksForAgent({ Resources }: Template): boolean {
  const clusters = Object.values(Resources).filter(({ Type }) => Type === 'AWS::ECS::Cluster');
  return JSON.stringify(clusters).includes('{"Key":"GuardDutyManaged","Value":"true"}');
}

/** GuardDuty with or without Runtime Monitoring, and with or without the automated agent for ECS. */
export function detector(monitors: boolean, addsAgent = monitors) {
  const status = (on: boolean) => (on ? 'ENABLED' : 'DISABLED');
  const additionalConfiguration = [{ name: 'ECS_FARGATE_AGENT_MANAGEMENT', status: status(addsAgent) }];
  const runtime = { name: 'RUNTIME_MONITORING', status: status(monitors), additionalConfiguration };
  return { status: 'ENABLED', features: [runtime] };
}

/** An association of a query log, as Cloud Control describes it. */
export function association(ResourceId: string, ResolverQueryLogConfigId: string, Id = `of-${ResourceId}`) {
  return { Identifier: Id, Properties: JSON.stringify({ Id, ResourceId, ResolverQueryLogConfigId }) };
}

/** A stack that has the resources of the template of these types. */
export function stackWith(template: Template, ...types: readonly string[]) {
  const all = Object.entries(template.Resources).filter(([, { Type }]) => types.includes(Type));
  return (input: Input) => {
    const { items, token } = paged(input, all);
    const member = items.map(([LogicalResourceId, { Type, Properties }]) => ({
      ...{ LogicalResourceId, ResourceType: Type },
      PhysicalResourceId:
        Type === 'AWS::Route53::RecordSet' ? Properties.Name : `physical-${LogicalResourceId}`,
      ...{ ResourceStatus: 'CREATE_COMPLETE', LastUpdatedTimestamp: '2026-11-30T00:00:00Z' },
    }));
    return { StackResourceSummaries: { member }, ...(token ? { NextToken: token } : {}) };
  };
}
