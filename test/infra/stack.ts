import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { App, type AppProps } from 'aws-cdk-lib/core';
import { McpStack } from '../../infra/stack.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { toolsOf } from './tools.ts';

export const cdkJson = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
  app: string;
  context: Record<string, unknown>;
};

/**
 * Without cdk.json's flags the template would be of a stack that is never deployed. CDK's own validation of templates
 * and the bundling of the functions cost seconds a test file; policy.test.ts validates every combination, and bundles one.
 */
export const appProps: AppProps = {
  context: {
    ...cdkJson.context,
    'aws:cdk:bundling-stacks': [],
    // Copies of the image's sources, and their removal, are half of a synthesis. Their hash is the same.
    'aws:cdk:disable-asset-staging': true,
    '@aws-cdk/core:suppressTemplateIndentation': true,
  },
  analyticsReporting: false,
  builtinCloudFormationValidation: false,
  // Of where each construct is made: a fifth of a synthesis.
  stackTraces: false,
  treeMetadata: false,
};

/** A fork's own files: tools.lock.json, and the image of a server. */
export const files = resolve(import.meta.dirname, 'fork-files');

/** The stack of a configuration, not yet synthesized and without the policy. */
export function stack(config: StageConfig, name = 'Mcp-test', tools = toolsOf(config)): McpStack {
  return new McpStack(new App(appProps), name, { config, files, tools });
}
