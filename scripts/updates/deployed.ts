import { App } from 'aws-cdk-lib/core';
import { McpStack } from '../../infra/stack.ts';
import { type StageConfig, stackNameOf } from '../../infra/stage-config.ts';
import { appProps, files } from '../../test/infra/stack.ts';
import { toolsOf } from '../../test/infra/tools.ts';
import type { Deployed } from './effect.ts';

/** A function that synthesizes each configuration once. It throws an OptionError if the configuration is not valid. */
export function synthesizer(): (config: StageConfig) => Deployed {
  const known = new Map<string, Deployed>();
  return (config) => {
    const key = JSON.stringify(config);
    const stage = known.get(key) ?? deployed(config);
    known.set(key, stage);
    return stage;
  };
}

function deployed(config: StageConfig): Deployed {
  const app = new App(appProps);
  const stack = new McpStack(app, stackNameOf('test', config), { config, files, tools: toolsOf(config) });
  return {
    region: stack.region,
    stackName: stack.stackName,
    template: app.synth({ skipValidation: true }).getStackByName(stack.stackName).template,
  };
}
