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
export const administratorArns = ['arn:aws:iam::123456789012:role/path/Admin'];
export const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
export const ecrImage = `123456789012.dkr.ecr.us-east-1.amazonaws.com/team/mcp@${digest}`;

export const serverSecretArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:server-AbCdEf';

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
  vpcEndpoints: {
    ...stages.dev,
    network: { egress: 'endpoints', s3PrefixListId, vpc: { ...vpc, endpointSecurityGroupId } },
    edge: { allowedCidrs: ['192.0.2.0/24'] },
  },
} as const satisfies Record<string, StageConfig>;

/** A stage whose clients look for metadata, and whether those of any stage do. */
export const withMetadata: StageConfig = combinations.oauth;
export const hasMetadata = ({ task }: StageConfig): boolean => task?.oauth !== undefined;
