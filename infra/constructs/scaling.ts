import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { assertWithin } from '../lib/validation.ts';

export interface ScalingOptions {
  /** Tasks that always run, 1–100; below 2, which production refuses, a lost zone or task is an outage. @default 2 */
  readonly minTasks?: number;
  /** Tasks at most, `minTasks`–1000: the ceiling of the bill. @default 6 */
  readonly maxTasks?: number;
  /** Average CPU in percent that tasks are added above, 10–90. @default 60 */
  readonly cpuPercent?: number;
  /** Average memory in percent that tasks are added above, 10–90. @default 70 */
  readonly memoryPercent?: number;
  /**
   * Requests a minute and task that tasks are added above, 1–100000: `cpu / 1024 × cpuPercent / 100 × 60000` by the CPU
   * milliseconds of a call of your tools (`docs/scale.md`).
   *
   * @default 600: 30 ms, a dense page of 50 KiB, in a task of 512 units
   */
  readonly requestsPerTargetPerMinute?: number;
}

export interface ScalingProps extends ScalingOptions {
  readonly service: FargateService;
  readonly targetGroup: ApplicationTargetGroup;
}

/** Tasks follow whichever of CPU, memory and requests asks for the most. */
export class Scaling extends Construct {
  readonly minTasks: number;

  constructor(scope: Construct, id: string, props: ScalingProps) {
    super(scope, id);
    this.minTasks = props.minTasks ?? 2;
    const maxTasks = props.maxTasks ?? 6;
    const cpuPercent = props.cpuPercent ?? 60;
    const memoryPercent = props.memoryPercent ?? 70;
    const requests = props.requestsPerTargetPerMinute ?? 600;
    assertWithin('scaling.minTasks', this.minTasks, 1, 100);
    assertWithin('scaling.maxTasks', maxTasks, this.minTasks, 1000);
    assertWithin('scaling.cpuPercent', cpuPercent, 10, 90);
    assertWithin('scaling.memoryPercent', memoryPercent, 10, 90);
    assertWithin('scaling.requestsPerTargetPerMinute', requests, 1, 100_000);

    const tasks = props.service.autoScaleTaskCount({ minCapacity: this.minTasks, maxCapacity: maxTasks });
    // Out at once, in slowly: a task that leaves has to drain.
    const cooldown = { scaleOutCooldown: Duration.seconds(60), scaleInCooldown: Duration.minutes(5) };
    tasks.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: cpuPercent, ...cooldown });
    tasks.scaleOnMemoryUtilization('Memory', { targetUtilizationPercent: memoryPercent, ...cooldown });
    tasks.scaleOnRequestCount('Requests', {
      targetGroup: props.targetGroup,
      requestsPerTarget: requests,
      ...cooldown,
    });
  }
}
