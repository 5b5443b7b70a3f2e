import { templateOf } from '../../cli/synthesize.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import type { Resources } from './stack-facts.ts';

/** Production in infra/config.ts before a fork changes it. */
const prod: StageConfig = {
  region: 'us-east-1',
  domain: {
    domainName: 'mcp.example.com',
    hostedZone: { id: 'Z0123456789EXAMPLE', name: 'example.com' },
  },
  secrets: {
    clients: [{ clientId: 'ci', scopes: ['scrape'], principalArn: 'arn:aws:iam::123456789012:role/ci' }],
  },
  functions: { reserveConcurrency: true },
  task: { cpu: 512, memoryMiB: 1024, allowedDomains: ['example.com', '*.example.com'] },
  scaling: { minTasks: 2, maxTasks: 6 },
  monitoring: { email: 'oncall@example.com' },
};

/** The resources of that stage. */
export function exampleResources(): Resources {
  return templateOf('prod', prod).Resources as Resources;
}
