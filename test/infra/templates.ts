import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import type { StageConfig } from '../../infra/stage-config.ts';
import { makeOnce } from '../support/make-once.ts';
import { stages } from './stages.ts';

/** Whatever decides a template: the sources of the image and of the functions are in it as hashes. */
const INPUTS = [
  ...[
    'infra',
    'functions',
    'service',
    'cdk.json',
    'tsconfig.json',
    '.npmrc',
    'package.json',
    'package-lock.json',
    'docs/configuration.schema.json',
  ],
  'test/infra/fork-files',
  ...[
    'stages',
    'combinations',
    'variants',
    'option-ends',
    'forks',
    'stack',
    'templates',
    'templates-process',
    'tools',
  ].map((name) => `test/infra/${name}.ts`),
];

export type StageName = keyof typeof stages;
export const stageNames = Object.keys(stages) as StageName[];

/** Name of a configuration's file. */
export function fileOf(config: StageConfig): string {
  return `${createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 20)}.json`;
}

let folder: string | undefined;

/** The stored template of a configuration, if it is one of `combinations.ts`, `variants.ts`, `option-ends.ts` or `stages.ts`. */
export function storedTemplate(config: StageConfig): Template | undefined {
  folder ??= makeOnce('templates', INPUTS, (to) => {
    const program = resolve(import.meta.dirname, 'templates-process.ts');
    execFileSync(process.execPath, ['--import', 'tsx', program, to], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  });
  const file = join(folder, fileOf(config));
  return existsSync(file) ? Template.fromJSON(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

const templates = new Map<StageConfig, Template>();

/**
 * The template of a configuration of `combinations.ts`, `variants.ts` or `stages.ts`. Suites that need no other configuration import
 * this one: it loads neither the constructs nor most of the CDK, which takes two seconds of a suite.
 */
export function template(config: StageConfig): Template {
  const known = templates.get(config) ?? storedTemplate(config);
  if (known === undefined)
    throw new Error(
      'this configuration is not stored: import template() from synthesize.ts, or add it to variants.ts',
    );
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
