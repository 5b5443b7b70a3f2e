import { resolve } from 'node:path';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Aws, IgnoreMode, Stack } from 'aws-cdk-lib/core';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import * as z from 'zod';
import { ecrDomains } from '../lib/ecr.ts';
import { OptionError } from '../lib/option-error.ts';
import { text } from '../lib/option-types.ts';

export const imageOptions = z.strictObject({
  imageUri: text(/^[\w./:-]{1,184}@sha256:[0-9a-f]{64}$/, 'pinned as NAME@sha256:<64 hex digits>')
    .optional()
    .meta({
      description:
        'An existing image for linux/arm64, pinned as `NAME@sha256:…`, for pipelines without a container engine. For an ' +
        'ECR name the execution role is granted the right to pull; any other image must be public, and ' +
        '`dnsFirewall.additionalDomains` must name the hosts of its registry.',
      absent: 'built from service/Dockerfile and pushed by `cdk deploy`',
    }),
});

export interface ImageProps extends z.output<typeof imageOptions> {
  /** Without an internet route images can only be pulled from ECR. */
  readonly internet: boolean;
}

const ECR = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^@]+)@(sha256:[0-9a-f]{64})$/;

/** The container image, identified by its content: a digest or the hash of its sources. */
export class Image extends Construct {
  readonly containerImage: ContainerImage;
  /** Hosts that a pull resolves, including those of layers; empty when the registry is not ECR. */
  readonly domains: readonly string[];

  constructor(scope: Construct, id: string, props: ImageProps) {
    super(scope, id);
    this.containerImage =
      props.imageUri === undefined ? this.build() : this.existing(props.imageUri, props.internet);
    const [, account, region] = ECR.exec(props.imageUri ?? '') ?? [];
    const ecr = props.imageUri === undefined || region !== undefined;
    this.domains = ecr ? ecrDomains(account ?? Aws.ACCOUNT_ID, region ?? Stack.of(this).region) : [];
  }

  private build(): ContainerImage {
    const asset = new DockerImageAsset(this, 'Asset', {
      directory: resolve(import.meta.dirname, '../..'),
      file: 'service/Dockerfile',
      platform: Platform.LINUX_ARM64,
      // Only the inputs of the image, otherwise an edit of the README would deploy. They include the package manifests,
      // so a new version of a development tool deploys as well.
      ignoreMode: IgnoreMode.DOCKER,
      exclude: ['*', '!package.json', '!package-lock.json', '!.npmrc', '!service'],
    });
    return ContainerImage.fromDockerImageAsset(asset);
  }

  private existing(imageUri: string, internet: boolean): ContainerImage {
    const [, account, region, repositoryName, digest] = ECR.exec(imageUri) ?? [];
    if (!repositoryName || !digest) {
      if (!internet)
        throw new OptionError(`image.imageUri must be in ECR with egress endpoints, got "${imageUri}"`);
      return ContainerImage.fromRegistry(imageUri);
    }
    const here = Stack.of(this).region;
    if (!internet && region !== here) {
      throw new OptionError(
        `image.imageUri must be in ECR of ${here} with egress endpoints, got "${imageUri}"`,
      );
    }
    const partition = RegionInfo.get(region ?? '').partition ?? 'aws';
    const repository = Repository.fromRepositoryAttributes(this, 'Repository', {
      repositoryName,
      repositoryArn: `arn:${partition}:ecr:${region}:${account}:repository/${repositoryName}`,
    });
    return ContainerImage.fromEcrRepository(repository, digest);
  }
}
