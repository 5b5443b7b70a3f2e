import { readFileSync } from 'node:fs';
import { createApp } from '../../infra/app.ts';
import { stages } from '../../infra/config.ts';
import { extend } from '../../infra/extensions.ts';
import type { ForkProps } from '../../infra/stack.ts';
import { type StageConfig, stackNameOf } from '../../infra/stage-config.ts';
import { tools } from '../../service/tools/index.ts';
import { resolved } from '../infra/resolved.ts';

/** A property of a template: text, a number, a list or further properties, or a CloudFormation function. */
// biome-ignore lint/suspicious/noExplicitAny: a template has no types
export type Properties = Record<string, any>;

/**
 * The task definition of a stage, as `cdk deploy` would send it; the Ref of a secret is its ARN.
 *
 * @param outdir where the assembly goes
 * @param fork stages and additions. @default - those of infra/config.ts and infra/extensions.ts
 * @throws when the stage has not exactly one
 */
export function synthesizeTaskDefinition(
  stage: string,
  outdir: string,
  fork: ForkProps & { readonly stages: Readonly<Record<string, StageConfig>> } = { stages, tools, extend },
): Properties {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
    context: Record<string, unknown>;
  };
  const app = createApp(
    {
      outdir,
      context: { ...context, stage, 'aws:cdk:bundling-stacks': [] },
      analyticsReporting: false,
      builtinCloudFormationValidation: false,
    },
    fork.stages,
    fork,
  );
  const { template } = app.synth().getStackByName(stackNameOf(stage, fork.stages[stage] ?? {}));
  const found = Object.values(template.Resources as Record<string, Properties>).filter(
    ({ Type }) => Type === 'AWS::ECS::TaskDefinition',
  );
  if (found.length !== 1 || !found[0]) throw new Error(`expected one task definition, got ${found.length}`);
  return found[0]['Properties'];
}

/** The value that CloudFormation would resolve for a variable or the source of a secret. */
export const textOf: (value: Properties[string]) => string = resolved;
