import { App, type AppProps } from 'aws-cdk-lib/core';
import { OptionError } from './lib/option-error.ts';
import { enforcePolicy } from './policy.ts';
import { type ForkProps, McpStack } from './stack.ts';
import { type StageConfig, stackNameOf } from './stage-config.ts';

/**
 * The app with the stack of the chosen stage: context `stage`, by default `dev`; `all` for every stage.
 *
 * @param known the available stages by name
 * @param fork a fork's tools, and its resources of each stage. @default - none
 * @throws OptionError naming the available stages when there is none of that name, or the stage and its invalid option
 */
export function createApp(
  props: AppProps | undefined,
  known: Readonly<Record<string, StageConfig>>,
  fork: ForkProps = {},
): App {
  const app = new App(props);
  const chosen: unknown = app.node.tryGetContext('stage') ?? 'dev';
  const selected = Object.entries(known).filter(([name]) => chosen === 'all' || chosen === name);
  if (selected.length === 0) {
    throw new OptionError(
      `stage must be one of ${Object.keys(known).join(', ')} or all, got ${JSON.stringify(chosen)}`,
    );
  }
  for (const [name, config] of selected) {
    try {
      new McpStack(app, stackNameOf(name, config), { ...fork, config, stage: name });
    } catch (error) {
      throw error instanceof OptionError ? new OptionError(`stage ${name}: ${error.message}`) : error;
    }
  }
  enforcePolicy(app);
  return app;
}
