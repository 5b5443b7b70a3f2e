import type { ClientOptions } from './lib/client-options.ts';
import type { StageConfig } from './stage-config.ts';

/** A client that fetches its token by itself, as this IAM role or user. */
const ci: ClientOptions = {
  clientId: 'ci',
  scopes: ['scrape'],
  principalArn: 'arn:aws:iam::123456789012:role/ci', // replace me
};

/** The tools that the stages serve, with their values: a tool that is not named here is not served. */
const tools: StageConfig['tools'] = {
  scrape_url: {},
  scrape_with_selector: {},
};

/** Administrators, who create tokens for clients without an IAM identity, such as your own laptop. */
const administratorArns = [
  'arn:aws:iam::123456789012:role/admin', // replace me
];

/** For trials: one task, one NAT gateway. `cdk destroy` removes everything but its logs and their key. */
const dev: StageConfig = {
  region: 'us-east-1',
  terminationProtection: false,
  domain: {
    domainName: 'mcp-dev.example.com', // replace me
    hostedZone: { id: 'Z0123456789EXAMPLE', name: 'example.com' }, // replace me
  },
  network: { natGateways: 1 },
  tools,
  secrets: { retain: false, clients: [ci], administratorArns },
  // The hosts that the scrape tools may fetch: example.com is there for a first trial.
  task: { cpu: 256, memoryMiB: 512, allowedDomains: ['example.com', '*.example.com'] },
  edge: { deletionProtection: false },
  scaling: { minTasks: 1, maxTasks: 2 },
};

/** Production: survives a zone failure, a lost task and an accidental `cdk destroy`. */
const prod: StageConfig = {
  region: 'us-east-1',
  domain: {
    domainName: 'mcp.example.com', // replace me
    hostedZone: { id: 'Z0123456789EXAMPLE', name: 'example.com' }, // replace me
  },
  tools,
  secrets: { clients: [ci], administratorArns },
  // An account with a small Lambda quota, as new ones have, refuses this: raise the quota, or remove the line.
  functions: { reserveConcurrency: true },
  task: { cpu: 512, memoryMiB: 1024, allowedDomains: ['example.com', '*.example.com'] },
  scaling: { minTasks: 2, maxTasks: 6 },
  monitoring: { email: 'oncall@example.com' }, // replace me
};

/**
 * The stages by name: `cdk deploy -c stage=NAME` deploys the stack `Mcp-NAME`, or with the option `name` another one. Clients are
 * listed in `secrets.clients`, or come from your identity provider with `task.oauth`.
 */
export const stages = { dev, prod };
