import type { Filter } from '@aws-sdk/client-ec2';
import type { Call } from './aws.ts';

/**
 * Every call that the preflight makes. The clients are loaded when they are used: the SDK of EC2 alone takes longer to
 * load than this program.
 */

/** Items of all pages. */
async function allOf<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...(itemsOf(page) ?? []));
  return items;
}

function named(...names: string[]): (error: Error) => boolean {
  return ({ name }) => names.includes(name);
}

/** Fixes the types of a call. */
function call<Input, Output>(definition: Call<Input, Output>): Call<Input, Output> {
  return definition;
}

/** A call whose answer is undefined if such an error reports that there is no such resource. */
function unless<Input, Output>(
  isAbsent: (error: Error) => boolean,
  definition: Call<Input, Output>,
): Call<Input, Output | undefined> {
  return {
    ...definition,
    send: (...given) =>
      definition.send(...given).catch((error: Error) => {
        if (isAbsent(error)) return undefined;
        throw error;
      }),
  };
}

export const getCallerIdentity = call({
  actions: ['sts:GetCallerIdentity'],
  async send(aws, _: undefined, options) {
    const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
    return aws.client(STSClient).send(new GetCallerIdentityCommand({}), options);
  },
});

const noStack = ({ name, message }: Error) =>
  name === 'ValidationError' && message.includes('does not exist');

/** The stack of this name; undefined if there is none. */
export const describeStack = unless(noStack, {
  actions: ['cloudformation:DescribeStacks'],
  async send(aws, StackName: string, options) {
    const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
    const found = await aws
      .client(CloudFormationClient)
      .send(new DescribeStacksCommand({ StackName }), options);
    return found.Stacks?.[0];
  },
});

/** Resources of the stack; undefined if there is none. */
export const listStackResources = unless(noStack, {
  actions: ['cloudformation:ListStackResources'],
  async send(aws, StackName: string, options) {
    const { CloudFormationClient, paginateListStackResources } = await import(
      '@aws-sdk/client-cloudformation'
    );
    const client = aws.client(CloudFormationClient);
    const pages = paginateListStackResources({ client }, { StackName }, options);
    return allOf(pages, (page) => page.StackResourceSummaries);
  },
});

/** Value of a parameter; undefined if there is none. */
export const getParameter = unless(named('ParameterNotFound'), {
  actions: ['ssm:GetParameter'],
  async send(aws, Name: string, options) {
    const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
    return (await aws.client(SSMClient).send(new GetParameterCommand({ Name }), options)).Parameter?.Value;
  },
});

/** A role, by name without path. */
export const getRole = unless(named('NoSuchEntityException', 'NoSuchEntity'), {
  actions: ['iam:GetRole'],
  async send(aws, RoleName: string, options) {
    const { GetRoleCommand, IAMClient } = await import('@aws-sdk/client-iam');
    return (await aws.client(IAMClient).send(new GetRoleCommand({ RoleName }), options)).Role;
  },
});

/** A user, by name without path. */
export const getUser = unless(named('NoSuchEntityException', 'NoSuchEntity'), {
  actions: ['iam:GetUser'],
  async send(aws, UserName: string, options) {
    const { GetUserCommand, IAMClient } = await import('@aws-sdk/client-iam');
    return (await aws.client(IAMClient).send(new GetUserCommand({ UserName }), options)).User;
  },
});

/** Without the second action S3 answers 403 for an object that does not exist. */
export const headObject = unless(named('NotFound', 'NoSuchKey', 'NoSuchBucket'), {
  actions: ['s3:GetObject', 's3:ListBucket'],
  async send(aws, input: { Bucket: string; Key: string }, options) {
    const { HeadObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
    return aws.client(S3Client).send(new HeadObjectCommand(input), options);
  },
});

export const getHostedZone = unless(named('NoSuchHostedZone'), {
  actions: ['route53:GetHostedZone'],
  async send(aws, Id: string, options) {
    const { GetHostedZoneCommand, Route53Client } = await import('@aws-sdk/client-route-53');
    return aws.client(Route53Client).send(new GetHostedZoneCommand({ Id }), options);
  },
});

/** The records of one name, which fit in a page. */
export const listRecords = call({
  actions: ['route53:ListResourceRecordSets'],
  async send(aws, { zone, name }: { zone: string; name: string }, options) {
    const { ListResourceRecordSetsCommand, Route53Client } = await import('@aws-sdk/client-route-53');
    const input = { HostedZoneId: zone, StartRecordName: name, MaxItems: 100 };
    const found = await aws.client(Route53Client).send(new ListResourceRecordSetsCommand(input), options);
    return (found.ResourceRecordSets ?? []).filter(({ Name }) => Name === name);
  },
});

export const describeCertificate = unless(named('ResourceNotFoundException'), {
  actions: ['acm:DescribeCertificate'],
  async send(aws, CertificateArn: string, options) {
    const { ACMClient, DescribeCertificateCommand } = await import('@aws-sdk/client-acm');
    const found = await aws
      .client(ACMClient)
      .send(new DescribeCertificateCommand({ CertificateArn }), options);
    return found.Certificate;
  },
});

/** The quota of this account, or AWS's default where the account has none of its own. */
export const getQuota = call({
  actions: ['servicequotas:GetServiceQuota', 'servicequotas:GetAWSDefaultServiceQuota'],
  async send(aws, input: { ServiceCode: string; QuotaCode: string }, options) {
    const { GetAWSDefaultServiceQuotaCommand, GetServiceQuotaCommand, ServiceQuotasClient } = await import(
      '@aws-sdk/client-service-quotas'
    );
    const client = aws.client(ServiceQuotasClient);
    try {
      return (await client.send(new GetServiceQuotaCommand(input), options)).Quota?.Value;
    } catch (error) {
      if ((error as Error).name !== 'NoSuchResourceException') throw error;
      return (await client.send(new GetAWSDefaultServiceQuotaCommand(input), options)).Quota?.Value;
    }
  },
});

/** The Elastic IP addresses of the region. The API has no pages. */
export const describeAddresses = call({
  actions: ['ec2:DescribeAddresses'],
  async send(aws, _: undefined, options) {
    const { DescribeAddressesCommand, EC2Client } = await import('@aws-sdk/client-ec2');
    return (await aws.client(EC2Client).send(new DescribeAddressesCommand({}), options)).Addresses ?? [];
  },
});

export const describeVpcs = call({
  actions: ['ec2:DescribeVpcs'],
  async send(aws, _: undefined, options) {
    const { EC2Client, paginateDescribeVpcs } = await import('@aws-sdk/client-ec2');
    return allOf(paginateDescribeVpcs({ client: aws.client(EC2Client) }, {}, options), (page) => page.Vpcs);
  },
});

export const describeInternetGateways = call({
  actions: ['ec2:DescribeInternetGateways'],
  async send(aws, _: undefined, options) {
    const { EC2Client, paginateDescribeInternetGateways } = await import('@aws-sdk/client-ec2');
    const pages = paginateDescribeInternetGateways({ client: aws.client(EC2Client) }, {}, options);
    return allOf(pages, (page) => page.InternetGateways);
  },
});

/** NAT gateways that count for the quota. */
export const describeNatGateways = call({
  actions: ['ec2:DescribeNatGateways'],
  async send(aws, _: undefined, options) {
    const { EC2Client, paginateDescribeNatGateways } = await import('@aws-sdk/client-ec2');
    const Filter = [{ Name: 'state', Values: ['pending', 'available', 'deleting'] }];
    const pages = paginateDescribeNatGateways({ client: aws.client(EC2Client) }, { Filter }, options);
    return allOf(pages, (page) => page.NatGateways);
  },
});

export const describeSubnets = call({
  actions: ['ec2:DescribeSubnets'],
  async send(aws, Filters: Filter[], options) {
    const { EC2Client, paginateDescribeSubnets } = await import('@aws-sdk/client-ec2');
    const pages = paginateDescribeSubnets({ client: aws.client(EC2Client) }, { Filters }, options);
    return allOf(pages, (page) => page.Subnets);
  },
});

export const describeSecurityGroups = call({
  actions: ['ec2:DescribeSecurityGroups'],
  async send(aws, Filters: Filter[], options) {
    const { EC2Client, paginateDescribeSecurityGroups } = await import('@aws-sdk/client-ec2');
    const pages = paginateDescribeSecurityGroups({ client: aws.client(EC2Client) }, { Filters }, options);
    return allOf(pages, (page) => page.SecurityGroups);
  },
});

/** The zones of the region that the account may use, without local and wavelength zones. */
export const describeZones = call({
  actions: ['ec2:DescribeAvailabilityZones'],
  async send(aws, _: undefined, options) {
    const { DescribeAvailabilityZonesCommand, EC2Client } = await import('@aws-sdk/client-ec2');
    const Filters = [{ Name: 'zone-type', Values: ['availability-zone'] }];
    const command = new DescribeAvailabilityZonesCommand({ Filters });
    return (await aws.client(EC2Client).send(command, options)).AvailabilityZones ?? [];
  },
});

export const describePrefixLists = call({
  actions: ['ec2:DescribeManagedPrefixLists'],
  async send(aws, id: string, options) {
    const { EC2Client, paginateDescribeManagedPrefixLists } = await import('@aws-sdk/client-ec2');
    const Filters = [{ Name: 'prefix-list-id', Values: [id] }];
    const pages = paginateDescribeManagedPrefixLists({ client: aws.client(EC2Client) }, { Filters }, options);
    return allOf(pages, (page) => page.PrefixLists);
  },
});

/** The endpoint services of these names; a filter, because the API refuses the whole list for one unknown name. */
export const describeEndpointServices = call({
  actions: ['ec2:DescribeVpcEndpointServices'],
  async send(aws, names: string[], options) {
    const { DescribeVpcEndpointServicesCommand, EC2Client } = await import('@aws-sdk/client-ec2');
    const Filters = [{ Name: 'service-name', Values: names }];
    const command = new DescribeVpcEndpointServicesCommand({ Filters });
    return (await aws.client(EC2Client).send(command, options)).ServiceDetails ?? [];
  },
});

/** The resource policies of the account; those of a log group are not among them. */
export const describeLogPolicies = call({
  actions: ['logs:DescribeResourcePolicies'],
  async send(aws, _: undefined, options) {
    const { CloudWatchLogsClient, DescribeResourcePoliciesCommand } = await import(
      '@aws-sdk/client-cloudwatch-logs'
    );
    const client = aws.client(CloudWatchLogsClient);
    // At most 10 exist, and a page has 50.
    return (await client.send(new DescribeResourcePoliciesCommand({}), options)).resourcePolicies ?? [];
  },
});

export const getLambdaLimits = call({
  actions: ['lambda:GetAccountSettings'],
  async send(aws, _: undefined, options) {
    const { GetAccountSettingsCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
    return (await aws.client(LambdaClient).send(new GetAccountSettingsCommand({}), options)).AccountLimit;
  },
});

/** Secrets whose names begin with this text, those that are scheduled for deletion included. */
export const listSecrets = call({
  actions: ['secretsmanager:ListSecrets'],
  async send(aws, prefix: string, options) {
    const { paginateListSecrets, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
    const input = { IncludePlannedDeletion: true, Filters: [{ Key: 'name' as const, Values: [prefix] }] };
    const pages = paginateListSecrets({ client: aws.client(SecretsManagerClient) }, input, options);
    return allOf(pages, (page) => page.SecretList);
  },
});

/** The metadata of a secret, without its value. */
export const describeSecret = unless(named('ResourceNotFoundException'), {
  actions: ['secretsmanager:DescribeSecret'],
  async send(aws, SecretId: string, options) {
    const { DescribeSecretCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
    return aws.client(SecretsManagerClient).send(new DescribeSecretCommand({ SecretId }), options);
  },
});

/**
 * Associations of query logs with VPCs, each with `ResourceId` and `ResolverQueryLogConfigId`. Cloud Control lists them
 * with the permissions of the service: the client of Route 53 Resolver itself would be for this alone.
 */
export const listQueryLogAssociations = call({
  actions: ['cloudformation:ListResources', 'route53resolver:ListResolverQueryLogConfigAssociations'],
  async send(aws, _: undefined, options): Promise<Record<string, string>[]> {
    const { CloudControlClient, paginateListResources } = await import('@aws-sdk/client-cloudcontrol');
    const TypeName = 'AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation';
    const pages = paginateListResources({ client: aws.client(CloudControlClient) }, { TypeName }, options);
    const found = await allOf(pages, (page) => page.ResourceDescriptions);
    return found.map(({ Properties = '{}' }) => JSON.parse(Properties));
  },
});

/** The detector of the region, by its id; GuardDuty is off without one. */
export const findDetector = call({
  actions: ['guardduty:ListDetectors'],
  async send(aws, _: undefined, options) {
    const { GuardDutyClient, ListDetectorsCommand } = await import('@aws-sdk/client-guardduty');
    // A region has one at most.
    const found = await aws.client(GuardDutyClient).send(new ListDetectorsCommand({}), options);
    return found.DetectorIds?.[0];
  },
});

export const getDetector = call({
  actions: ['guardduty:GetDetector'],
  async send(aws, DetectorId: string, options) {
    const { GetDetectorCommand, GuardDutyClient } = await import('@aws-sdk/client-guardduty');
    return aws.client(GuardDutyClient).send(new GetDetectorCommand({ DetectorId }), options);
  },
});

export interface ImageName {
  readonly registryId: string;
  readonly repositoryName: string;
  readonly imageDigest: string;
}

/** The image of a digest; undefined if the repository or the image does not exist. */
export const describeImage = unless(named('ImageNotFoundException', 'RepositoryNotFoundException'), {
  actions: ['ecr:DescribeImages'],
  async send(aws, { registryId, repositoryName, imageDigest }: ImageName, options) {
    const { DescribeImagesCommand, ECRClient } = await import('@aws-sdk/client-ecr');
    const input = { registryId, repositoryName, imageIds: [{ imageDigest }] };
    return (await aws.client(ECRClient).send(new DescribeImagesCommand(input), options)).imageDetails?.[0];
  },
});
