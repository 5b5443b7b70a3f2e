import { App } from 'aws-cdk-lib/core';
import { McpStack } from '../../infra/stack.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { appProps } from '../../test/infra/stack.ts';
import type { Deployed } from './effect.ts';

/** Synthesizes a stage in memory. Copying the sources of the image for each of a hundred stages would take most of the time. */
const FAST = {
  ...appProps,
  treeMetadata: false,
  stackTraces: false,
  context: { ...appProps.context, 'aws:cdk:disable-asset-staging': true },
};

/** @throws OptionError if the configuration is not valid */
export function deployed(config: StageConfig): Deployed {
  const app = new App(FAST);
  const stack = new McpStack(app, 'Mcp-test', { config });
  return {
    region: stack.region,
    template: app.synth({ skipValidation: true }).getStackByName(stack.stackName).template,
  };
}
