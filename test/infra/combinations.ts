import type { ExistingVpc } from '../../infra/constructs/network/existing-vpc.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { desk, hostedZone, stages, unlisted } from './stages.ts';

export const vpc: ExistingVpc = {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['us-east-1a', 'us-east-1b'],
  publicSubnetIds: ['subnet-0000000000000000a', 'subnet-0000000000000000b'],
  privateSubnetIds: ['subnet-1111111111111111a', 'subnet-1111111111111111b'],
};
export const endpointSecurityGroupId = 'sg-0123456789abcdef0';
export const s3PrefixListId = 'pl-0123abcd';
export const certificateArn =
  'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';
export const apiKeySecretArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:upstream-AbCdEf';
export const apiKeyKmsKeyArn = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';
export const tableArn = 'arn:aws:dynamodb:us-east-1:123456789012:table/orders';
export const toolSecretArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:stock-api-AbCdEf';
/** A certificate of an authority that signs nothing. Made with selfsigned 5.5.0; it is valid until 2126. */
export const caCertificates = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBSTCB8KADAgECAglLvlcXda/7s4owCgYIKoZIzj0EAwIwFzEVMBMGA1UEAxMM',
  'Q29ycCBUZXN0IENBMCAXDTI2MDEwMTAwMDAwMFoYDzIxMjYwMTAxMDAwMDAwWjAX',
  'MRUwEwYDVQQDEwxDb3JwIFRlc3QgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC',
  'AATTFvmq9ny2R3DUg57990S1gwCVwpABV+DKDCpZ7OHumTWVtC33J/9/PS6f6HQr',
  'Ms3wJTpmsOstz3WrQDkzehMtoyMwITAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB',
  '/wQEAwIBBjAKBggqhkjOPQQDAgNIADBFAiAuzVXo0aA0PwHOWdePIytaL82ARxwv',
  'vGR/6QGTgw5LWQIhAL3p9uEyqNZ4IfA/VazPHTbIy8EWOBbMfAZvAqayKfC2',
  '-----END CERTIFICATE-----',
].join('\n');
export const administratorArns = ['arn:aws:iam::123456789012:role/path/Admin'];
export const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
export const ecrImage = `123456789012.dkr.ecr.us-east-1.amazonaws.com/team/mcp@${digest}`;

export const serverSecretArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:server-AbCdEf';
export const privateZone = { id: 'Z9876543210EXAMPLE', name: 'example.com' };
const internal = { scheme: 'internal', allowedCidrs: ['10.0.0.0/8', '192.168.0.0/16'] } as const;

/** Stages as forks make them: together they take each option's other branch. */
export const combinations = {
  dev: stages.dev,
  prod: stages.prod,
  endpoints: {
    ...stages.prod,
    network: { egress: 'endpoints', s3PrefixListId },
    image: { imageUri: ecrImage },
    task: { scrapeEngine: 'webscraping-ai' },
    secrets: { apiKeySecretArn, apiKeyKmsKeyArn, clients: [desk], gracePeriodHours: 1, administratorArns },
  },
  vpc: {
    ...stages.prod,
    domain: { domainName: 'mcp.example.com', certificateArn },
    network: { vpc },
    image: { imageUri: `ghcr.io/team/mcp@${digest}` },
    task: { scrapeEngine: 'webscraping-ai' },
    secrets: {},
  },
  oauth: {
    ...unlisted,
    task: {
      ...stages.prod.task,
      oauth: {
        issuer: 'https://login.example.com/tenant/',
        audience: 'api://mcp',
        jwksUrl: 'https://keys.example.com/jwks?version=2',
        scopePrefix: 'api://mcp/',
      },
    },
    dnsFirewall: { additionalDomains: ['api.example.net', '*.example.net'], logRetentionDays: 30 },
  },
  knownClients: {
    ...unlisted,
    task: {
      allowedOrigins: ['https://app.example.com'],
      oauth: {
        issuer: 'https://login.example.com/',
        audience: 'https://mcp.example.com/mcp',
        jwksUrl: 'https://login.example.com/jwks',
      },
    },
    edge: {
      allowedCidrs: ['192.0.2.0/24', '198.51.100.0/24'],
      mutualTls: { caBundle: 's3://pki/ca.pem', revocationLists: ['s3://pki/crl.pem'] },
      verifyTokens: { audienceFormat: 'single-string' },
    },
    webAcl: {
      allowedCountries: ['DE', 'US'],
      blockedCidrs: ['192.0.2.7/32'],
      sharedCidrs: ['160.79.104.0/21'],
      countOnlyRules: ['AWSManagedRulesAmazonIpReputationList/AWSManagedIPReputationList'],
    },
  },
  anyHost: {
    ...stages.dev,
    domain: { ...stages.dev.domain, hostedZone: { ...hostedZone, createRecord: false } },
    task: { ...stages.dev.task, allowedDomains: ['*'] },
  },
  tools: {
    ...stages.dev,
    network: { egress: 'endpoints', s3PrefixListId, endpoints: ['sqs', 's3', 'logs'] },
    guardDuty: {},
  },
  ownTools: {
    ...stages.prod,
    tools: {
      example_http: { settings: { apiHost: 'stock.corp.example.com' }, secrets: { apiKey: 'create' } },
      example_aws: { settings: { tableArn }, deadlineMs: 10_000, limitPerMinute: 30 },
    },
    // No tool of it reads pages, so it has no option about them.
    task: { cpu: 512, memoryMiB: 1024, caCertificates },
  },
  ownToolsInside: {
    ...stages.dev,
    network: {
      egress: 'endpoints',
      s3PrefixListId,
      dynamodbPrefixListId: 'pl-0456abcd',
      internalCidrs: ['10.20.0.0/16'],
    },
    task: { cpu: 256, memoryMiB: 512 },
    tools: {
      example: {},
      example_http: {
        settings: { apiHost: 'stock.corp.example.com' },
        secrets: { apiKey: { arn: toolSecretArn, kmsKeyArn: apiKeyKmsKeyArn } },
      },
      example_aws: { settings: { tableArn } },
    },
  },
  archive: {
    ...stages.prod,
    archive: { lockDays: 365 },
    budget: { monthlyUsd: 200, email: 'finance@example.com' },
  },
  valkey: { ...stages.prod, rateLimitStore: {}, guardDuty: {}, tags: { 'cost-center': '4711' } },
  server: {
    ...stages.prod,
    task: {
      cpu: 1024,
      memoryMiB: 2048,
      server: {
        image: './server',
        port: 8000,
        path: '/mcp',
        command: ['--port', '8000'],
        environment: { LOG_LEVEL: 'info', MAX_TOKENS: '1000' },
        secrets: { API_KEY: `${serverSecretArn}#apiKey`, CLIENT_ID: `${serverSecretArn}#clientId` },
        secretsKmsKeyArns: [apiKeyKmsKeyArn],
        hosts: ['api.example.net'],
        writableTmp: true,
        session: 'shared',
      },
    },
    network: { egress: 'endpoints', s3PrefixListId },
    rateLimitStore: {},
  },
  pinnedServer: {
    ...unlisted,
    task: {
      memoryMiB: 1024,
      oauth: { issuer: 'https://login.example.com/' },
      server: { image: ecrImage, port: 3000, path: '/' },
    },
  },
  internal: {
    ...stages.dev,
    name: 'Search',
    account: '123456789012',
    domain: { ...stages.dev.domain, privateZone },
    network: { natGateways: 1, cidr: '10.20.0.0/24' },
    edge: { ...stages.dev.edge, ...internal },
  },
  internalEndpoints: {
    ...stages.dev,
    domain: { domainName: 'mcp-dev.example.com', certificateArn, privateZone },
    network: { egress: 'endpoints', s3PrefixListId },
    edge: { ...stages.dev.edge, ...internal },
  },
  internalVpc: {
    ...stages.prod,
    network: { vpc: { ...vpc, publicSubnetIds: [] } },
    edge: internal,
  },
  vpcEndpoints: {
    ...stages.dev,
    network: { egress: 'endpoints', s3PrefixListId, vpc: { ...vpc, endpointSecurityGroupId } },
    edge: { allowedCidrs: ['192.0.2.0/24'] },
  },
} as const satisfies Record<string, StageConfig>;

/** A stage whose clients look for metadata, and whether those of any stage do. */
export const withMetadata: StageConfig = combinations.oauth;
export const hasMetadata = ({ task }: StageConfig): boolean => task?.oauth !== undefined;
