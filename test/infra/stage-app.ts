import type { App } from 'aws-cdk-lib/core';
import { createApp } from '../../infra/app.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { appProps } from './stack.ts';
import { stages } from './stages.ts';
import { tools, withTools } from './tools.ts';

/** The app as `cdk synth -c stage=NAME` builds it, policy included. */
export function app(stage: string, known: Record<string, StageConfig> = stages): App {
  return createApp({ ...appProps, context: { ...appProps.context, stage } }, withTools(known), { tools });
}
