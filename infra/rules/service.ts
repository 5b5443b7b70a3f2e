import { publicSubnets } from './public-subnets.ts';
import { every, must, type Rule } from './rule.ts';
import { listOf } from './synthesized-template.ts';

const SERVICE = 'AWS::ECS::Service';
const made = { file: 'infra/constructs/service.ts' };

export const serviceRules: readonly Rule[] = [
  {
    id: 'NoPublicAddress',
    control: 'Tasks have no public address and run in subnets without a route from the internet',
    fsbp: ['ECS.2'],
    ...made,
    check: every(SERVICE, ({ NetworkConfiguration }, template) => {
      const network = NetworkConfiguration?.AwsvpcConfiguration;
      const open = publicSubnets(template);
      return [
        must('AssignPublicIp', network?.AssignPublicIp, 'DISABLED'),
        listOf(network?.Subnets).some((subnet) => open.has(template.target(subnet)?.logicalId ?? '')) &&
          'Subnets must have no route to an internet gateway',
      ];
    }),
  },
  {
    id: 'NoShell',
    control: 'No shell can be opened in a running task',
    fsbp: [],
    ...made,
    check: every(SERVICE, ({ EnableExecuteCommand }) => [
      must('EnableExecuteCommand', EnableExecuteCommand, false),
    ]),
  },
  {
    id: 'LatestPlatform',
    control: 'Tasks run on the latest Fargate platform',
    fsbp: ['ECS.10'],
    ...made,
    check: every(SERVICE, ({ LaunchType, PlatformVersion, CapacityProviderStrategy }) => [
      CapacityProviderStrategy === undefined && must('LaunchType', LaunchType, 'FARGATE'),
      must('PlatformVersion', PlatformVersion, 'LATEST'),
    ]),
  },
  {
    id: 'SafeDeployment',
    control:
      'A deployment that fails or raises an alarm is rolled back, and healthy tasks keep running meanwhile',
    fsbp: [],
    ...made,
    check: every(SERVICE, ({ DeploymentConfiguration: deployment }) => [
      must('DeploymentCircuitBreaker', deployment?.DeploymentCircuitBreaker, {
        Enable: true,
        Rollback: true,
      }),
      must('DeploymentConfiguration.Alarms.Enable', deployment?.Alarms?.Enable, true),
      must('DeploymentConfiguration.Alarms.Rollback', deployment?.Alarms?.Rollback, true),
      listOf(deployment?.Alarms?.AlarmNames).length === 0 && 'Alarms.AlarmNames must name an alarm',
      must('MinimumHealthyPercent', deployment?.MinimumHealthyPercent, 100),
    ]),
  },
  {
    id: 'DedicatedSecurityGroup',
    control: 'Tasks have a security group of the stack that no other resource uses',
    fsbp: [],
    ...made,
    check: every(SERVICE, ({ NetworkConfiguration }, template) => {
      const groups = listOf(NetworkConfiguration?.AwsvpcConfiguration?.SecurityGroups);
      return [
        groups.length === 0 && 'SecurityGroups must name a group',
        groups.some((group) => !template.names(group, 'AWS::EC2::SecurityGroup')) &&
          'SecurityGroups must be groups of this template',
      ];
    }),
  },
  {
    id: 'ContainerInsights',
    control: 'Container Insights reports metrics of every task',
    fsbp: ['ECS.12'],
    ...made,
    check: every('AWS::ECS::Cluster', ({ ClusterSettings }) => [
      must('ClusterSettings', ClusterSettings, [{ Name: 'containerInsights', Value: 'enhanced' }]),
    ]),
  },
  {
    id: 'MinimumTwoTasks',
    control: 'In production at least two tasks run, rebalanced when a zone recovers',
    fsbp: [],
    file: 'infra/constructs/scaling.ts',
    check: (template) => [
      ...every(
        'AWS::ApplicationAutoScaling::ScalableTarget',
        ({ MinCapacity, ScheduledActions, SuspendedState }) => {
          const least = template.production ? 2 : 1;
          const planned = listOf(ScheduledActions).map(({ ScalableTargetAction }) => ScalableTargetAction);
          return [
            ...[{ MinCapacity }, ...planned].map(
              ({ MinCapacity: tasks = least }) =>
                !(tasks >= least) && `MinCapacity must be at least ${least}, got ${tasks}`,
            ),
            SuspendedState?.DynamicScalingOutSuspended === true &&
              'DynamicScalingOutSuspended must not be true',
          ];
        },
      )(template),
      ...every(SERVICE, ({ DesiredCount, AvailabilityZoneRebalancing }) => [
        DesiredCount !== undefined &&
          'DesiredCount must be absent: it undoes the scaling at every deployment',
        must('AvailabilityZoneRebalancing', AvailabilityZoneRebalancing, 'ENABLED'),
      ])(template),
    ],
  },
  {
    id: 'ScalesOut',
    control: 'Tasks are added under load, by CPU, memory and requests',
    fsbp: [],
    file: 'infra/constructs/scaling.ts',
    check: (template) => {
      const followed = template
        .all('AWS::ApplicationAutoScaling::ScalingPolicy')
        .map(
          ({ properties }) =>
            properties['TargetTrackingScalingPolicyConfiguration']?.PredefinedMetricSpecification
              ?.PredefinedMetricType,
        );
      return [
        'ECSServiceAverageCPUUtilization',
        'ECSServiceAverageMemoryUtilization',
        'ALBRequestCountPerTarget',
      ].flatMap((metric) =>
        followed.includes(metric) ? [] : [{ problem: `no scaling policy follows ${metric}` }],
      );
    },
  },
];
