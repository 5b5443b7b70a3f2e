import { spawn } from 'node:child_process';
import type { Stage } from '../../infra/stage-config.ts';
import { describeImage } from './calls.ts';
import { type Check, couldNotTell, type Finding, judgeEach, ok, willFail } from './check.ts';

const ECR = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^@]+)@(sha256:[0-9a-f]{64})$/;
/** Milliseconds in which an engine names its version. */
const ENGINE_TIMEOUT_MS = 15_000;

/** The images that exist already, by the option that names them. */
function existingImages({ image, task }: Stage): readonly (readonly [option: string, imageUri: string])[] {
  return Object.entries({
    'image.imageUri': image.imageUri,
    'task.server.image': task.server?.image,
  }).flatMap(([option, uri]) => (uri === undefined || uri.startsWith('./') ? [] : [[option, uri] as const]));
}

/** Whether the images can be built. */
export const containerEngine: Check = {
  name: 'image',
  calls: [],
  applies: ({ config: { image, task } }) =>
    image.imageUri === undefined || task.server?.image.startsWith('./') === true,
  run: (_, subject) => engine(subject.containerEngine),
};

/** Whether the images of a digest exist. */
export const existingImage: Check = {
  name: 'image',
  calls: [describeImage],
  applies: ({ config }) => existingImages(config).length > 0,
  run: (ask, { config, account }) =>
    judgeEach(
      existingImages(config),
      ([option]) => option,
      async ([option, imageUri]) => {
        const [, registryId, region, repositoryName, imageDigest] = ECR.exec(imageUri) ?? [];
        if (!registryId || !repositoryName || !imageDigest) {
          return couldNotTell(`${imageUri} is not in ECR`, 'check that it can be pulled without credentials');
        }
        if (region !== config.region) {
          return couldNotTell(
            `${imageUri} is in another region`,
            `aws ecr describe-images --region ${region}`,
          );
        }
        const found = await ask(describeImage, { registryId, repositoryName, imageDigest });
        if (found !== undefined) return ok(`${repositoryName} of ${registryId} has it`);
        const owner = registryId === account ? '' : `, or ${registryId} does not share it`;
        return willFail(`${imageUri} does not exist${owner}`, `push it, or correct ${option}`);
      },
    ),
};

/** Asks the engine for its version, which needs its daemon if it has one. */
async function engine(command: string): Promise<Finding> {
  const child = spawn('sh', ['-c', `${command} version`], { stdio: 'ignore', timeout: ENGINE_TIMEOUT_MS });
  const code = await new Promise((resolve) => {
    child.on('close', resolve).on('error', () => resolve(undefined));
  });
  if (code === 0) return ok('a container engine can build it');
  if (code === undefined) return couldNotTell('there is no shell to start a container engine with');
  return willFail(
    'no container engine answers',
    'start Docker, or set CDK_DOCKER to podman or finch, or set image.imageUri to an image in ECR',
  );
}
