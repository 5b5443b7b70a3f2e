import type { StageConfig } from '../../infra/stage-config.ts';

/** Fixed stages that the tests are of. What a fork writes into infra/config.ts changes none of them. */
export const hostedZone = { id: 'Z0123456789EXAMPLE', name: 'example.com' };

export const principalArn = 'arn:aws:iam::123456789012:role/ci';
export const ci = { clientId: 'ci', scopes: ['scrape'], principalArn };

/** As small as a stage gets. */
const dev: StageConfig = {
  region: 'us-east-1',
  terminationProtection: false,
  domain: { domainName: 'mcp-dev.example.com', hostedZone },
  network: { natGateways: 1 },
  secrets: { retain: false, clients: [ci] },
  task: { cpu: 256, memoryMiB: 512, allowedDomains: ['example.com', '*.example.com'] },
  edge: { deletionProtection: false },
  scaling: { minTasks: 1, maxTasks: 2 },
};

export const desk = {
  clientId: 'desk.example@team',
  scopes: ['scrape', 'echo'],
  principalArn: 'arn:aws:iam::210987654321:user/desks/one',
  rotateEveryDays: 7,
};

/** Production by the defaults, and as infra/config.ts has it. */
const prod: StageConfig = {
  region: 'us-east-1',
  domain: { domainName: 'mcp.example.com', hostedZone },
  secrets: { clients: [ci, desk] },
  functions: { reserveConcurrency: true },
  task: { cpu: 512, memoryMiB: 1024, allowedDomains: ['example.com', '*.example.com'] },
  scaling: { minTasks: 2, maxTasks: 6 },
  monitoring: { email: 'oncall@example.com' },
};

export const stages = { dev, prod };

/** Production without its own clients, as with an issuer. */
export const unlisted: StageConfig = { ...prod, secrets: {} };
