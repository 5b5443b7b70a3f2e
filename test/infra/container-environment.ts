import type { Template } from 'aws-cdk-lib/assertions';
import { resolved, type Value } from './resolved.ts';
import { only } from './templates.ts';

/** The variables that ECS gives the container. */
export function containerEnvironment(template: Template): Record<string, string> {
  const [container] = only(template, 'AWS::ECS::TaskDefinition').Properties.ContainerDefinitions;
  const pairs = (container.Environment as { Name: string; Value: Value }[]).map(({ Name, Value }) => [
    Name,
    resolved(Value),
  ]);
  return Object.fromEntries(pairs);
}
