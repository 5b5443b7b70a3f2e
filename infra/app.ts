import { App, type AppProps } from 'aws-cdk-lib/core';
import { type StageConfig, stages } from './config.ts';
import { enforcePolicy } from './policy.ts';
import { McpStack } from './stack.ts';

/**
 * The app with the stack of the chosen stage: context `stage`, `dev` when absent, `all` for every stage.
 *
 * @param known the stages to choose from, by name.
 * @throws Error naming the known stages when there is none of that name.
 */
export function createApp(props?: AppProps, known: Readonly<Record<string, StageConfig>> = stages): App {
  const app = new App(props);
  const chosen: unknown = app.node.tryGetContext('stage') ?? 'dev';
  const selected = Object.entries(known).filter(([name]) => chosen === 'all' || chosen === name);
  if (selected.length === 0) {
    throw new Error(
      `stage must be one of ${Object.keys(known).join(', ')} or all, got ${JSON.stringify(chosen)}`,
    );
  }
  for (const [name, config] of selected) new McpStack(app, `Mcp-${name}`, { config });
  enforcePolicy(app);
  return app;
}
