import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib/core';
import { McpStack } from '../../infra/stack.ts';
import type { StageConfig } from '../../infra/stage-config.ts';

interface Template {
  readonly Resources: Readonly<Record<string, unknown>>;
}

/**
 * The template of a stage, with the flags of cdk.json, but without slow parts that do not affect the cost: the policy,
 * the validation, the bundles.
 *
 * @throws OptionError naming the invalid option
 */
export function templateOf(name: string, config: StageConfig): Template {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
  const app = new App({
    context: { ...context, 'aws:cdk:bundling-stacks': [] },
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  const stack = new McpStack(app, `Mcp-${name}`, { config });
  return app.synth().getStackByName(stack.stackName).template;
}
