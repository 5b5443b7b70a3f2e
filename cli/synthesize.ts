import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib/core';
import { type ForkProps, McpStack } from '../infra/stack.ts';
import { type StageConfig, stackNameOf } from '../infra/stage-config.ts';

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template has no types
  readonly Properties?: any;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  // biome-ignore lint/suspicious/noExplicitAny: a template has no types
  readonly Parameters?: Readonly<Record<string, any>>;
  // biome-ignore lint/suspicious/noExplicitAny: a template has no types
  readonly Rules?: Readonly<Record<string, any>>;
}

/**
 * The template of a stage as `cdk synth` makes it, with the flags of cdk.json, but without the slow parts that change no
 * resource: the policy, the validation, the bundles, the copies of sources.
 *
 * @param fork a fork's tools and resources. @default - none, for a stage whose tools do not matter
 * @throws OptionError naming the invalid option
 */
export function templateOf(name: string, config: StageConfig, fork: ForkProps = {}): Template {
  const { context } = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'));
  const app = new App({
    context: { ...context, 'aws:cdk:bundling-stacks': [], 'aws:cdk:disable-asset-staging': true },
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: false,
    stackTraces: false,
  });
  const stack = new McpStack(app, stackNameOf(name, config), { ...fork, config, stage: name });
  return app.synth().getStackByName(stack.stackName).template;
}
