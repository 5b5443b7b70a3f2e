import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { stages } from '../infra/stages.ts';
import { only, template } from '../infra/templates.ts';

const dockerfile = readFileSync(new URL('../../service/Dockerfile', import.meta.url), 'utf8');

test('the image and the task definition have the same health check', () => {
  const { Properties: definition } = only(template(stages.prod), 'AWS::ECS::TaskDefinition');
  const { Command, Interval, Timeout, Retries, StartPeriod } = definition.ContainerDefinitions[0].HealthCheck;
  const [, options, command = ''] = /^HEALTHCHECK (.*) CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  expect(['CMD', ...JSON.parse(command)]).toEqual(Command);
  expect(options).toBe(
    `--interval=${Interval}s --timeout=${Timeout}s --start-period=${StartPeriod}s --retries=${Retries}`,
  );
});
