import { resolve } from 'node:path';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Aws, DockerBuildSecret, IgnoreMode, Stack } from 'aws-cdk-lib/core';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import * as z from 'zod';
import { ecrDomains } from '../lib/ecr.ts';
import { OptionError, problem } from '../lib/option-error.ts';
import { PINNED_IMAGE, recordOf, text } from '../lib/option-types.ts';

/** The repository, where paths of options start. */
const ROOT = resolve(import.meta.dirname, '../..');

/** A build argument stays in the history of the image, for everyone who can pull it. */
const SECRET_ARGUMENT = /PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PRIVATE|_AUTH/i;
const CREDENTIALS_IN_URL = /:\/\/[^/\s]*@/;

export const imageOptions = z
  .strictObject({
    imageUri: text(PINNED_IMAGE, 'pinned as NAME@sha256:<64 hex digits>')
      .optional()
      .meta({
        description:
          'An existing image for linux/arm64, pinned as `NAME@sha256:…`, for pipelines without a container engine. For an ' +
          'ECR name the stack grants the execution role the right to pull; any other image must be public, and ' +
          '`dnsFirewall.additionalDomains` must name the hosts of its registry.',
        absent: 'built from service/Dockerfile and pushed by `cdk deploy`',
      }),
    buildArgs: recordOf({
      key: /^[A-Za-z_]\w{0,99}$/,
      value: /^[^\n]{1,1000}$/,
      rule: 'build arguments by name, each of 1 to 1000 characters in one line',
      max: 20,
      characters: 4000,
    }).describe(
      'Arguments of each image that is built: `BUILD_IMAGE` and `NODE_IMAGE` replace the base images of service/Dockerfile, for a ' +
        'registry of your own; `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are the proxy of the build. They stay readable in the image, ' +
        'so a credential must be in `buildSecrets`.',
    ),
    buildSecrets: recordOf({
      key: /^[\w.-]{1,64}$/,
      value: /^[^\n,]{1,1000}$/,
      rule: 'paths of files by the id of the secret, without a comma',
      max: 10,
      characters: 4000,
    }).describe(
      'Files that the build of each image may read, and that stay out of the image, by id. service/Dockerfile uses `npmrc`, the ' +
        "registry's settings for npm, and `ca`, certificates that npm trusts with `cafile=/run/secrets/ca` in that file. A relative path starts at the root of the " +
        'repository. Only `cdk deploy` reads the files, and a changed file does not change the image.',
    ),
  })
  .superRefine(({ buildArgs }, context) => {
    for (const [name, value] of Object.entries(buildArgs)) {
      if (!SECRET_ARGUMENT.test(name) && !CREDENTIALS_IN_URL.test(value)) continue;
      const text = `must not have the credential ${name}, which stays readable in the image: put it into a file, and the file into image.buildSecrets`;
      context.addIssue(problem(['buildArgs'], text));
    }
  });

/** The service's own sources: the inputs of service/Dockerfile. */
export const SERVICE_SOURCE: ImageSource = {
  directory: ROOT,
  file: 'service/Dockerfile',
  // Only the inputs of the image, otherwise an edit of the README would deploy. They include the package manifests,
  // so a new version of a development tool deploys as well.
  exclude: ['*', '!package.json', '!package-lock.json', '!.npmrc', '!service', '!tools.lock.json'],
};

/** The source of an image. */
export interface ImageSource {
  /** Absolute path of the build context. */
  readonly directory: string;
  /** Dockerfile within it. @default Dockerfile */
  readonly file?: string;
  /** Patterns of files that are no part of the build context, as in `.dockerignore`. @default - that file's */
  readonly exclude?: readonly string[];
}

export interface ImageProps extends z.output<typeof imageOptions> {
  /** Path of the option that gives `imageUri`, for errors. */
  readonly option: string;
  /** The source of the image, without `imageUri`. */
  readonly source: ImageSource;
  /** Without an internet route images can only be pulled from ECR. */
  readonly internet: boolean;
}

const ECR = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^@]+)@(sha256:[0-9a-f]{64})$/;

/** A container image, identified by its content: a digest or the hash of its sources. */
export class Image extends Construct {
  readonly containerImage: ContainerImage;
  /** Hosts that a pull resolves, including those of layers; empty when the registry is not ECR. */
  readonly domains: readonly string[];

  constructor(scope: Construct, id: string, props: ImageProps) {
    super(scope, id);
    this.containerImage =
      props.imageUri === undefined ? this.build(props) : this.existing(props.imageUri, props);
    const [, account, region] = ECR.exec(props.imageUri ?? '') ?? [];
    const ecr = props.imageUri === undefined || region !== undefined;
    this.domains = ecr ? ecrDomains(account ?? Aws.ACCOUNT_ID, region ?? Stack.of(this).region) : [];
  }

  private build({ source, buildArgs, buildSecrets }: ImageProps): ContainerImage {
    const { directory, file, exclude } = source;
    const secrets = Object.entries(buildSecrets).map(
      ([id, path]) => [id, DockerBuildSecret.fromSrc(resolve(ROOT, path))] as const,
    );
    const asset = new DockerImageAsset(this, 'Asset', {
      directory,
      ...(file !== undefined && { file }),
      platform: Platform.LINUX_ARM64,
      ignoreMode: IgnoreMode.DOCKER,
      ...(exclude && { exclude: [...exclude] }),
      ...(Object.keys(buildArgs).length > 0 && { buildArgs }),
      ...(secrets.length > 0 && { buildSecrets: Object.fromEntries(secrets) }),
      // The path of a secret differs from machine to machine, and decides nothing in the image.
      invalidation: { buildSecrets: false },
    });
    return ContainerImage.fromDockerImageAsset(asset);
  }

  private existing(imageUri: string, { option, internet }: ImageProps): ContainerImage {
    const [, account, region, repositoryName, digest] = ECR.exec(imageUri) ?? [];
    if (!repositoryName || !digest) {
      if (!internet)
        throw new OptionError(`${option} must be in ECR with egress endpoints, got "${imageUri}"`);
      return ContainerImage.fromRegistry(imageUri);
    }
    const here = Stack.of(this).region;
    if (!internet && region !== here) {
      throw new OptionError(`${option} must be in ECR of ${here} with egress endpoints, got "${imageUri}"`);
    }
    const partition = RegionInfo.get(region ?? '').partition ?? 'aws';
    const repository = Repository.fromRepositoryAttributes(this, 'Repository', {
      repositoryName,
      repositoryArn: `arn:${partition}:ecr:${region}:${account}:repository/${repositoryName}`,
    });
    return ContainerImage.fromEcrRepository(repository, digest);
  }
}
