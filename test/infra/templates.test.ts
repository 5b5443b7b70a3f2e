import { expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { combinations } from './combinations.ts';
import { stack } from './stack.ts';
import { stages } from './stages.ts';
import { template } from './templates.ts';
import { variants } from './variants.ts';

test.each(['dev', 'prod', 'oauth'] as const)('the stored template of %s is the one of its stack', (name) => {
  const config = combinations[name];
  expect(template(config).toJSON()).toEqual(Template.fromStack(stack(config)).toJSON());
});

test('a configuration that is not stored has no template here', () => {
  expect(template(variants.oneList).findResources('AWS::ECS::Service')).not.toEqual({});
  expect(() => template({ ...stages.dev, region: 'eu-west-1' })).toThrow('is not stored');
});
