import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import * as z from 'zod';
import { problem } from '../lib/option-error.ts';
import { wholeNumber } from '../lib/option-types.ts';

export const scalingOptions = z
  .strictObject({
    minTasks: wholeNumber(1, 100)
      .default(2)
      .describe(
        'Minimum number of tasks. With 1, which production refuses, a lost zone or task is an outage.',
      ),
    // A deployment doubles the tasks, and a target group takes 1000 targets (Application Load Balancer quotas).
    maxTasks: wholeNumber(1, 500)
      .default(6)
      .describe('Maximum number of tasks, at least `minTasks`. It bounds the cost.'),
    cpuPercent: wholeNumber(10, 90)
      .default(60)
      .describe('Average CPU in percent above which tasks are added.'),
    memoryPercent: wholeNumber(10, 90)
      .default(70)
      .describe('Average memory in percent above which tasks are added.'),
    requestsPerTargetPerMinute: wholeNumber(1, 100_000)
      .default(600)
      .describe(
        'Requests per minute and task above which tasks are added: `cpu / 1024 × cpuPercent / 100 × 60000` divided by the CPU ' +
          'milliseconds of a call of your tools (`docs/scale.md`). The default is for 30 ms, a dense page of 50 KiB, in a ' +
          'task of 512 units.',
      ),
  })
  .superRefine(({ minTasks, maxTasks }, context) => {
    if (maxTasks >= minTasks) return;
    const rule = `must be a whole number from ${minTasks} to 500, got ${maxTasks}`;
    context.addIssue(problem(['maxTasks'], rule));
  });

export interface ScalingProps extends z.output<typeof scalingOptions> {
  readonly service: FargateService;
  readonly targetGroup: ApplicationTargetGroup;
}

/** Scales the tasks by whichever of CPU, memory and requests needs the most. */
export class Scaling extends Construct {
  constructor(scope: Construct, id: string, props: ScalingProps) {
    super(scope, id);
    const { minTasks, maxTasks, cpuPercent, memoryPercent } = props;
    const tasks = props.service.autoScaleTaskCount({ minCapacity: minTasks, maxCapacity: maxTasks });
    // Scale out fast, in slowly: a task that stops has to drain.
    const cooldown = { scaleOutCooldown: Duration.seconds(60), scaleInCooldown: Duration.minutes(5) };
    tasks.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: cpuPercent, ...cooldown });
    tasks.scaleOnMemoryUtilization('Memory', { targetUtilizationPercent: memoryPercent, ...cooldown });
    tasks.scaleOnRequestCount('Requests', {
      targetGroup: props.targetGroup,
      requestsPerTarget: props.requestsPerTargetPerMinute,
      ...cooldown,
    });
  }
}
