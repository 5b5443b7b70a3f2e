import 'aws-cdk-lib/testhelpers/jest-autoclean';
import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { App, type AppProps } from 'aws-cdk-lib/core';
import { createApp } from '../../infra/app.ts';
import { McpStack } from '../../infra/stack.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { stages } from './stages.ts';

export const cdkJson = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
  app: string;
  context: Record<string, unknown>;
};

/**
 * Without cdk.json's flags the template would be of a stack that nobody deploys. CDK's own validation of templates
 * and the bundling of the functions cost seconds a test file; policy.test.ts runs both on every combination.
 */
const appProps: AppProps = {
  context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] },
  analyticsReporting: false,
  builtinCloudFormationValidation: false,
};

export type StageName = keyof typeof stages;
export const stageNames = Object.keys(stages) as StageName[];

/** The app as `cdk synth -c stage=NAME` builds it, policy included. */
export function app(stage: string, known: Record<string, StageConfig> = stages): App {
  return createApp({ ...appProps, context: { ...appProps.context, stage } }, known);
}

/** The stack of a configuration, not yet synthesized and without the policy. */
export function stack(config: StageConfig, name = 'Mcp-test'): McpStack {
  return new McpStack(new App(appProps), name, { config });
}

const templates = new Map<StageConfig, Template>();

/** The template of a configuration; each is synthesized once in a test file. */
export function template(config: StageConfig): Template {
  const known = templates.get(config) ?? Template.fromStack(stack(config));
  templates.set(config, known);
  return known;
}

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template has no types
  readonly Properties: any;
  readonly DependsOn?: string | string[];
  readonly DeletionPolicy?: string;
}

/** The resources of a type by logical id. */
export function resources(of: Template, type: string): Record<string, Resource> {
  return of.findResources(type) as Record<string, Resource>;
}

/** The resources of a type, without their ids. */
export function all(of: Template, type: string): Resource[] {
  return Object.values(resources(of, type));
}

/** The one resource of a type. */
export function only(of: Template, type: string): Resource {
  const found = all(of, type);
  if (found.length !== 1 || !found[0]) throw new Error(`expected one ${type}, got ${found.length}`);
  return found[0];
}
