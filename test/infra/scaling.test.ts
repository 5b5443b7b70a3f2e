import { describe, expect, test } from '@jest/globals';
import { stages } from './stages.ts';
import { all, stack, template } from './synthesize.ts';

describe('scaling', () => {
  test('prod never runs fewer than two tasks, dev makes do with one', () => {
    template(stages.prod).hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
      MinCapacity: 2,
      MaxCapacity: 6,
    });
    template(stages.dev).hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
      MinCapacity: 1,
      MaxCapacity: 2,
    });
  });

  test('tasks follow CPU, memory and requests', () => {
    const policies = all(template(stages.prod), 'AWS::ApplicationAutoScaling::ScalingPolicy').map(
      ({ Properties }) => Properties.TargetTrackingScalingPolicyConfiguration,
    );
    const targets = policies.map((policy) => [
      policy.PredefinedMetricSpecification.PredefinedMetricType,
      policy.TargetValue,
    ]);
    expect(Object.fromEntries(targets)).toEqual({
      ECSServiceAverageCPUUtilization: 60,
      ECSServiceAverageMemoryUtilization: 70,
      ALBRequestCountPerTarget: 600,
    });
  });

  test.each([
    [{ minTasks: 0 }, 'minTasks must be a whole number from 1 to 100, got 0'],
    [{ minTasks: 4, maxTasks: 3 }, 'maxTasks must be a whole number from 4 to 500, got 3'],
    [{ cpuPercent: 99 }, 'cpuPercent must be a whole number from 10 to 90, got 99'],
    [{ memoryPercent: 5 }, 'memoryPercent must be a whole number from 10 to 90, got 5'],
    [
      { requestsPerTargetPerMinute: 0.5 },
      'requestsPerTargetPerMinute must be a whole number from 1 to 100000, got 0.5',
    ],
  ])('fails on %j', (scaling, message) => {
    expect(() => stack({ ...stages.dev, scaling })).toThrow(message);
  });
});
