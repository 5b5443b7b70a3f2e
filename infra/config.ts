import type { ClientOptions } from './lib/client-options.ts';
import type { StageConfig } from './stage-config.ts';

/** A client that fetches its token by itself: the IAM role (or user) that it runs as. */
const ci: ClientOptions = {
  clientId: 'ci',
  scopes: ['scrape'],
  principalArn: 'arn:aws:iam::123456789012:role/ci', // replace me
};

/** To try it out: one task, one NAT gateway, gone with `cdk destroy` except for its logs and their key. */
const dev: StageConfig = {
  region: 'us-east-1',
  terminationProtection: false,
  domain: {
    domainName: 'mcp-dev.example.com', // replace me
    hostedZone: { id: 'Z0123456789EXAMPLE', name: 'example.com' }, // replace me
  },
  network: { natGateways: 1 },
  secrets: { retain: false, clients: [ci] },
  task: { cpu: 256, memoryMiB: 512, allowedDomains: ['example.com', '*.example.com'] }, // replace me
  edge: { deletionProtection: false },
  scaling: { minTasks: 1, maxTasks: 2 },
};

/** What a zone's failure, a lost task or a careless `cdk destroy` does not take down. */
const prod: StageConfig = {
  region: 'us-east-1',
  domain: {
    domainName: 'mcp.example.com', // replace me
    hostedZone: { id: 'Z0123456789EXAMPLE', name: 'example.com' }, // replace me
  },
  secrets: { clients: [ci] },
  // Refused by an account whose Lambda quota is small, as that of a new one: raise it, or take this out.
  functions: { reserveConcurrency: true },
  task: { cpu: 512, memoryMiB: 1024, allowedDomains: ['example.com', '*.example.com'] }, // replace me
  scaling: { minTasks: 2, maxTasks: 6 },
  monitoring: { email: 'oncall@example.com' }, // replace me
};

/**
 * The stages by name: `cdk deploy -c stage=NAME` deploys the stack `Mcp-NAME`. Clients are those of a token list, or of
 * your identity provider with `task.oauth`.
 */
export const stages = { dev, prod };
