import { App, type AppProps } from 'aws-cdk-lib/core';
import { stages } from './config.ts';
import { OptionError } from './lib/option-error.ts';
import { enforcePolicy } from './policy.ts';
import { McpStack } from './stack.ts';
import type { StageConfig } from './stage-config.ts';

/**
 * The app with the stack of the chosen stage: context `stage`, by default `dev`; `all` for every stage.
 *
 * @param known the available stages by name
 * @param files folder of `tools.lock.json` and of the images that stages build. @default - the repository
 * @throws OptionError naming the available stages when there is none of that name, or the stage and its invalid option
 */
export function createApp(
  props?: AppProps,
  known: Readonly<Record<string, StageConfig>> = stages,
  files?: string,
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
      new McpStack(app, `Mcp-${name}`, { config, ...(files !== undefined && { files }) });
    } catch (error) {
      throw error instanceof OptionError ? new OptionError(`stage ${name}: ${error.message}`) : error;
    }
  }
  enforcePolicy(app);
  return app;
}
