import { every, must, type Rule } from './rule.ts';
import { attributesOf } from './synthesized-template.ts';

const TARGETS = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const made = { file: 'infra/constructs/edge/edge.ts' };

export const targetRules: readonly Rule[] = [
  {
    id: 'HttpsToTasks',
    control: 'Requests and health checks reach the tasks over HTTPS',
    fsbp: ['ELB.21', 'ELB.22'],
    ...made,
    check: every(TARGETS, ({ Protocol, HealthCheckProtocol, HealthCheckPath, HealthCheckEnabled }) => [
      must('Protocol', Protocol, 'HTTPS'),
      must('HealthCheckProtocol', HealthCheckProtocol, 'HTTPS'),
      must('HealthCheckPath', HealthCheckPath, '/healthz'),
      String(HealthCheckEnabled) === 'false' && 'HealthCheckEnabled must not be false',
    ]),
  },
  {
    id: 'NoStickiness',
    control: 'Any task may serve any request',
    fsbp: [],
    ...made,
    check: every(TARGETS, ({ TargetGroupAttributes }) => [
      must('stickiness.enabled', attributesOf(TargetGroupAttributes)['stickiness.enabled'], 'false'),
    ]),
  },
  {
    id: 'DrainBeforeDeregistration',
    control: 'A deregistering task has at least the 25 s that the service needs to finish accepted requests',
    fsbp: [],
    ...made,
    check: every(TARGETS, ({ TargetGroupAttributes }) => {
      const delay = Number(attributesOf(TargetGroupAttributes)['deregistration_delay.timeout_seconds']);
      return [!(delay >= 25) && `deregistration_delay.timeout_seconds must be 25 or more, got ${delay}`];
    }),
  },
];
