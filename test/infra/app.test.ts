import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib/core';
import { createApp } from '../../infra/app.ts';
import { parseStageConfig } from '../../infra/stage-config.ts';
import { appProps, cdkJson, stack } from './stack.ts';
import { app } from './stage-app.ts';
import { stages } from './stages.ts';

function stackNames(stage: string): string[] {
  return app(stage)
    .node.children.filter(Stack.isStack)
    .map((child) => child.stackName);
}

describe('app', () => {
  test('a stage chooses its stack, and all chooses every stack', () => {
    expect(stackNames('dev')).toEqual(['Mcp-dev']);
    expect(stackNames('prod')).toEqual(['Mcp-prod']);
    expect(stackNames('all')).toEqual(['Mcp-dev', 'Mcp-prod']);
  });

  test('the name of a configuration replaces Mcp in the name of its stack', () => {
    const known = { dev: { ...stages.dev, name: 'Search' }, prod: stages.prod };
    expect(
      createApp({ ...appProps, context: { ...appProps.context, stage: 'all' } }, known)
        .node.children.filter(Stack.isStack)
        .map(({ stackName }) => stackName),
    ).toEqual(['Search-dev', 'Mcp-prod']);
  });

  test.each(['', '1st', 'my-search', 'søk', 'S'.repeat(21)])('%j is no name of a configuration', (name) => {
    expect(() => parseStageConfig({ ...stages.dev, name })).toThrow(
      `name must be 1 to 20 letters and digits, the first a letter, got ${JSON.stringify(name)}`,
    );
  });

  test('an unknown stage fails naming the known ones', () => {
    expect(() => app('staging')).toThrow('stage must be one of dev, prod or all, got "staging"');
  });

  test('a stack with a name that is too long for the names of its resources fails', () => {
    expect(() => stack(stages.dev, `Mcp-${'x'.repeat(61)}`)).toThrow(
      'the name of a stack must have at most 64 characters, such as Mcp-prod; got "Mcp-xxx',
    );
  });

  test('prod is protected from deletion, dev is not', () => {
    expect(stack(stages.prod).terminationProtection).toBe(true);
    expect(stack(stages.dev).terminationProtection).toBe(false);
  });

  test('cdk.json holds the command and all recommended feature flags, nothing else', () => {
    const file = new URL(import.meta.resolve('aws-cdk-lib/recommended-feature-flags.json'));
    const recommendedFlags: unknown = JSON.parse(readFileSync(file, 'utf8'));
    expect(cdkJson).toEqual({ app: 'node --import tsx infra/main.ts', context: recommendedFlags });
  });
});
