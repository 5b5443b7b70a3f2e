import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib/core';
import { McpStack } from '../../infra/stack.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import type { Resources } from './stack-facts.ts';

/** Production as infra/config.ts comes, whatever a fork makes of it. */
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

/** What that stage deploys, without the policy, the validation and the bundles, which add nothing to a picture. */
export function exampleResources(): Resources {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
  const app = new App({
    context: { ...context, 'aws:cdk:bundling-stacks': [] },
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  const stack = new McpStack(app, 'Mcp-prod', { config: prod });
  return app.synth().getStackByName(stack.stackName).template.Resources;
}
