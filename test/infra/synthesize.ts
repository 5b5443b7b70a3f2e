import 'aws-cdk-lib/testhelpers/jest-autoclean';
import { Template } from 'aws-cdk-lib/assertions';
import type { App } from 'aws-cdk-lib/core';
import { createApp } from '../../infra/app.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { appProps, stack } from './stack.ts';
import { stages } from './stages.ts';
import { storedTemplate } from './templates.ts';

export { cdkJson, stack } from './stack.ts';
export { all, only, type Resource, resources, type StageName, stageNames } from './templates.ts';

/** The app as `cdk synth -c stage=NAME` builds it, policy included. */
export function app(stage: string, known: Record<string, StageConfig> = stages): App {
  return createApp({ ...appProps, context: { ...appProps.context, stage } }, known);
}

const templates = new Map<StageConfig, Template>();

/** The template of a configuration: stored, or synthesized once in a test file. */
export function template(config: StageConfig): Template {
  const known = templates.get(config) ?? storedTemplate(config) ?? Template.fromStack(stack(config));
  templates.set(config, known);
  return known;
}
