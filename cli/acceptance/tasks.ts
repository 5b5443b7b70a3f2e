import { BatchGetImageCommand } from '@aws-sdk/client-ecr';
import {
  type ContainerDefinition,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  paginateListTasks,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs';
import {
  allow,
  type Check,
  type CheckContext,
  type Finding,
  type StageNames,
  type Statement,
} from './check.ts';
import { resourceOf } from './deployed-stack.ts';

/** Most tasks that one DescribeTasks takes (ECS API reference). */
const MAX_DESCRIBED = 100;

/** Rights to read the service and its tasks. The names of clusters are generated from the stack's. */
export function taskNeeds({ partition, region, stackName }: StageNames): readonly Statement[] {
  const ecs = `arn:${partition}:ecs:${region}:*`;
  return [
    allow(
      'Tasks',
      ['ecs:DescribeServices', 'ecs:DescribeTasks'],
      `${ecs}:service/${stackName}-*`,
      `${ecs}:task/${stackName}-*`,
    ),
    // These two know no resource, or one that is not the stack's.
    allow('TaskList', ['ecs:ListTasks', 'ecs:DescribeTaskDefinition']),
  ];
}

export async function readService({ aws: { ecs }, stack }: CheckContext): Promise<Service> {
  const cluster = resourceOf(stack, 'AWS::ECS::Cluster');
  const services = [resourceOf(stack, 'AWS::ECS::Service')];
  const { services: [service] = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services }));
  if (service === undefined) throw new Error('ECS does not know the service of the stack');
  return service;
}

/** Whether no deployment is under way. */
export function isSteady({ deployments = [] }: Service): boolean {
  return deployments.length === 1 && deployments[0]?.rolloutState === 'COMPLETED';
}

export async function runningTasks({ aws: { ecs }, stack }: CheckContext): Promise<readonly Task[]> {
  const cluster = resourceOf(stack, 'AWS::ECS::Cluster');
  const serviceName = resourceOf(stack, 'AWS::ECS::Service');
  const found: Task[] = [];
  const input = { cluster, serviceName, desiredStatus: 'RUNNING', maxResults: MAX_DESCRIBED } as const;
  for await (const { taskArns = [] } of paginateListTasks({ client: ecs }, input)) {
    if (taskArns.length === 0) continue;
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    found.push(...tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING'));
  }
  return found;
}

/** The tasks run the task definition of the stack, and the image that it names. */
export const tasks: Check = {
  name: 'tasks',
  needs: (stage) => [
    ...taskNeeds(stage),
    allow('Image', ['ecr:BatchGetImage'], `arn:${stage.partition}:ecr:*:*:repository/*`),
  ],
  async run(context) {
    const service = await readService(context);
    const definition = resourceOf(context.stack, 'AWS::ECS::TaskDefinition');
    if (service.taskDefinition !== definition) {
      return {
        verdict: 'failed',
        detail: 'the service runs another task definition than the one of the stack',
        fix: 'ECS rolled the deployment back. Read the events of the service, then deploy again',
      };
    }
    if (!isSteady(service)) {
      return {
        verdict: 'could not tell',
        detail: 'a deployment is under way',
        fix: 'Wait until it has ended',
      };
    }
    const running = await runningTasks(context);
    if (running.length === 0)
      return { verdict: 'failed', detail: 'no task is running', fix: 'Read the events of the service' };
    const { taskDefinition } = await context.aws.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: definition }),
    );
    const lines = await Promise.all(
      (taskDefinition?.containerDefinitions ?? []).map((one) => compare(context, one, running)),
    );
    const wrong = lines.filter(({ verdict }) => verdict === 'failed');
    const untold = lines.filter(({ verdict }) => verdict === 'could not tell');
    if (wrong.length + untold.length === 0)
      return { verdict: 'ok', detail: `${running.length} running, each with the image of the template` };
    return {
      verdict: wrong.length > 0 ? 'failed' : 'could not tell',
      detail:
        wrong.length > 0
          ? 'tasks run another image than the one that the template names'
          : 'the running image could not be compared with the template',
      lines: [...wrong, ...untold].map(({ detail }) => detail),
      fix: 'Someone may have pushed another image under the same tag: compare the digests',
    };
  },
};

interface Comparison {
  readonly verdict: Finding['verdict'];
  readonly detail: string;
}

/** The digest of a container in every task, against the digest that its image has in the registry. */
async function compare(
  { aws: { ecr } }: CheckContext,
  { name, image = '' }: ContainerDefinition,
  running: readonly Task[],
): Promise<Comparison> {
  const digests = running.map((task) => task.containers?.find((one) => one.name === name)?.imageDigest);
  const [, registryId, repositoryName, imageTag, imageDigest] =
    /^(\d{12})\.dkr\.ecr\.[^/]+\/([^:@]+)(?::([^@]+))?(?:@(sha256:\w+))?$/.exec(image) ?? [];
  if (digests.every((digest) => digest !== undefined && image.endsWith(`@${digest}`)))
    return { verdict: 'ok', detail: `${name}: the pinned digest` };
  if (repositoryName === undefined || registryId === undefined)
    return {
      verdict: 'could not tell',
      detail: `${name}: its image is not in ECR, and the digest differs from the pinned one`,
    };
  const imageIds = [imageDigest === undefined ? { imageTag } : { imageDigest }];
  const { images: [found] = [] } = await ecr.send(
    new BatchGetImageCommand({ registryId, repositoryName, imageIds }),
  );
  // ECS reports the digest of the tag, or of the manifest for the platform if the tag is an index of several.
  const expected = [found?.imageId?.imageDigest, ...manifestsOf(found?.imageManifest)];
  const other = digests.find((digest) => digest === undefined || !expected.includes(digest));
  if (found === undefined)
    return { verdict: 'could not tell', detail: `${name}: ECR does not have its image` };
  return digests.some((digest) => digest === undefined || !expected.includes(digest))
    ? {
        verdict: 'failed',
        detail: `${name}: runs ${other ?? 'no known digest'}, the template names ${expected[0]}`,
      }
    : { verdict: 'ok', detail: `${name}: the digest in ECR` };
}

function manifestsOf(manifest = '{}'): string[] {
  const { manifests = [] } = JSON.parse(manifest) as { manifests?: readonly { readonly digest: string }[] };
  return manifests.map(({ digest }) => digest);
}
