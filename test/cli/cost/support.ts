import { type Estimate, estimate, type Item } from '../../../cli/cost/estimate.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template has no types
type Properties = Record<string, any>;

/** The estimate of a template of these resources, each `[type, properties]` by its logical id. */
export function estimateOf(resources: Readonly<Record<string, readonly [string, Properties?]>>): Estimate {
  const entries = Object.entries(resources).map(([id, [Type, Properties]]) => [id, { Type, Properties }]);
  return estimate('test', 'us-east-1', { Resources: Object.fromEntries(entries) });
}

/** The only item with this logical id. */
export function itemOf(of: Estimate, logicalId: string): Item {
  const found = of.items.find((item) => item.logicalId === logicalId);
  if (!found) throw new Error(`nothing is asked for ${logicalId}`);
  return found;
}

/** A service of some tasks, each half a vCPU and 1 GB with one checked container. */
export function service(tasks: number, definition: Properties = {}) {
  return {
    Cluster: ['AWS::ECS::Cluster', { ClusterSettings: [{ Name: 'containerInsights', Value: 'enhanced' }] }],
    Service: [
      'AWS::ECS::Service',
      { LaunchType: 'FARGATE', Cluster: { Ref: 'Cluster' }, TaskDefinition: { Ref: 'Definition' } },
    ],
    Definition: [
      'AWS::ECS::TaskDefinition',
      {
        Cpu: '512',
        Memory: '1024',
        RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
        ContainerDefinitions: [{ HealthCheck: {} }],
        ...definition,
      },
    ],
    Scaling: [
      'AWS::ApplicationAutoScaling::ScalableTarget',
      { MinCapacity: tasks, ResourceId: { 'Fn::GetAtt': ['Service', 'Name'] } },
    ],
  } as const;
}
