import { Template } from 'aws-cdk-lib/assertions';
import type { StageConfig } from '../../infra/stage-config.ts';
import { stack } from './stack.ts';
import { storedTemplate } from './templates.ts';

export { cdkJson, stack } from './stack.ts';
export { all, only, type Resource, resources, type StageName, stageNames } from './templates.ts';

const templates = new Map<StageConfig, Template>();

/** The template of a configuration: stored, or synthesized once in a test file. */
export function template(config: StageConfig): Template {
  const known = templates.get(config) ?? storedTemplate(config) ?? Template.fromStack(stack(config));
  templates.set(config, known);
  return known;
}
