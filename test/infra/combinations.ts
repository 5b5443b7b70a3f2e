import type { ExistingVpc } from '../../infra/lib/existing-vpc.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { stages } from './stages.ts';

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
export const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
export const ecrImage = `123456789012.dkr.ecr.us-east-1.amazonaws.com/team/mcp@${digest}`;

/** Stages as forks make them: together they take each option's other branch. */
export const combinations = {
  dev: stages.dev,
  prod: stages.prod,
  endpoints: {
    ...stages.prod,
    network: { egress: 'endpoints', s3PrefixListId },
    image: { imageUri: ecrImage },
    task: { engine: 'webscraping-ai' },
    secrets: { apiKeySecretArn, apiKeyKmsKeyArn },
  },
  vpc: {
    ...stages.prod,
    domain: { domainName: 'mcp.example.com', certificateArn },
    network: { vpc },
    image: { imageUri: `ghcr.io/team/mcp@${digest}` },
    task: { engine: 'webscraping-ai' },
  },
  archive: {
    ...stages.prod,
    archive: { lockDays: 365 },
    budget: { monthlyUsd: 200, email: 'finance@example.com' },
  },
  vpcEndpoints: {
    ...stages.dev,
    network: { egress: 'endpoints', s3PrefixListId, vpc: { ...vpc, endpointSecurityGroupId } },
    edge: { allowedCidrs: ['192.0.2.0/24'] },
  },
} as const satisfies Record<string, StageConfig>;
