import { afterAll, expect, test } from '@jest/globals';
import { stages } from '../infra/stages.ts';
import { all, only, template } from '../infra/templates.ts';
import { type Model, simulate } from './support/target-tracking.ts';

/** Milliseconds for a dense page of 50 KiB (`npm run test:scale`); the default of requests per task is based on it. */
const CPU_MS_OF_CALL = 30;
const STEP_AT = 300;

const prod = template(stages.prod);
const target = only(prod, 'AWS::ApplicationAutoScaling::ScalableTarget').Properties;
const policies = all(prod, 'AWS::ApplicationAutoScaling::ScalingPolicy').map(
  ({ Properties }) => Properties.TargetTrackingScalingPolicyConfiguration,
);
const policyOf = (metric: string) =>
  policies.find((policy) => policy.PredefinedMetricSpecification.PredefinedMetricType === metric);
const requests = policyOf('ALBRequestCountPerTarget');
const task = only(prod, 'AWS::ECS::TaskDefinition').Properties;

/** Production as in its template; from decision to traffic, a task of 140 MiB needs an assumed minute and a half. */
const model: Model = {
  arrivals: (second) => (second < STEP_AT ? 5 : 60),
  cpuMsOfCall: CPU_MS_OF_CALL,
  cpu: Number(task.Cpu),
  minTasks: target.MinCapacity,
  maxTasks: target.MaxCapacity,
  cpuPercent: policyOf('ECSServiceAverageCPUUtilization').TargetValue,
  requestsPerTargetPerMinute: requests.TargetValue,
  scaleOutCooldownSeconds: requests.ScaleOutCooldown,
  taskStartSeconds: 90,
  seconds: 3600,
};
const printed: string[] = [];
afterAll(() => void process.stderr.write(`${printed.join('\n')}\n`));

function play(what: string, changes: Partial<Model> = {}) {
  const outcome = simulate({ ...model, ...changes });
  printed.push(`load step, ${what}: ${JSON.stringify(outcome)}`);
  return outcome;
}

test('after a step from 5 to 60 calls per second, production has its tasks and no queue within fifteen minutes', () => {
  const { drainedAt, mostTasks, longestQueue } = play('5 to 60 calls/s');
  expect(longestQueue).toBeGreaterThan(0);
  expect(mostTasks).toBe(6);
  expect(drainedAt).toBeLessThan(STEP_AT + 15 * 60);
});

test('without scaling the same queue never ends', () => {
  expect(play('without scaling', { maxTasks: model.minTasks }).drainedAt).toBeUndefined();
});

test('the load of two tasks makes no queue, the load of five is served in the end, and a load above six is not', () => {
  const callsOfTask = (model.cpu / 1024) * (1000 / CPU_MS_OF_CALL);
  const steady = (tasks: number) => ({ arrivals: () => tasks * callsOfTask * 0.99 });
  expect(play('what two tasks serve', steady(2))).toMatchObject({ longestQueue: 0 });
  expect(play('what five tasks serve', steady(5)).drainedAt).toBeLessThan(model.seconds);
  expect(play('more than six serve', steady(6.2)).drainedAt).toBeUndefined();
});

test('requests per minute and task scale out no later than CPU, for a call of the assumed cost', () => {
  const spent = (requests.TargetValue * CPU_MS_OF_CALL) / 60_000;
  expect(spent / (model.cpu / 1024)).toBeCloseTo(model.cpuPercent / 100, 2);
});
