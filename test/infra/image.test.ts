import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib/core';
import { McpStack } from '../../infra/stack.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { digest, ecrImage, s3PrefixListId } from './combinations.ts';
import { appProps } from './stack.ts';
import { stages } from './stages.ts';
import { only, stack, template } from './synthesize.ts';

function imageOf(imageUri: string): unknown {
  const dnsFirewall = { additionalDomains: ['ghcr.io'] };
  const config = { ...stages.prod, image: { imageUri }, dnsFirewall };
  const definition = only(template(config), 'AWS::ECS::TaskDefinition');
  return definition.Properties.ContainerDefinitions[0].Image;
}

describe('image', () => {
  const app = new App({
    ...appProps,
    context: { ...appProps.context, 'aws:cdk:disable-asset-staging': false },
  });
  new McpStack(app, 'Mcp-dev', { config: stages.dev });
  const assembly = app.synth();

  test('the build context contains only files of the image, so that nothing else changes its hash', () => {
    const sources = readdirSync(assembly.directory).filter((name) => name.startsWith('asset.'));
    // A fork has the pinned tools of its server, which belong to the image as well.
    const filesIn = (name: string) =>
      readdirSync(`${assembly.directory}/${name}`).filter((file) => file !== 'tools.lock.json');
    const listings = sources.map((name) => filesIn(name).sort());
    expect(listings).toContainEqual([
      '.dockerignore',
      '.npmrc',
      'package-lock.json',
      'package.json',
      'service',
    ]);
  });

  test('the build is for the platform of the task', () => {
    const assets = JSON.parse(readFileSync(`${assembly.directory}/Mcp-dev.assets.json`, 'utf8')) as {
      dockerImages: Record<string, { source: { platform: string } }>;
    };
    expect(Object.values(assets.dockerImages).map(({ source }) => source.platform)).toEqual(['linux/arm64']);
    expect(only(template(stages.dev), 'AWS::ECS::TaskDefinition').Properties.RuntimePlatform).toEqual({
      CpuArchitecture: 'ARM64',
      OperatingSystemFamily: 'LINUX',
    });
  });

  test('the build gets the arguments and the secrets of the options, and its hash has no path of a secret', () => {
    const build = (image: StageConfig['image']) => {
      const { directory } = (stack({ ...stages.dev, image }, 'Mcp-args').node.root as App).synth();
      const { dockerImages } = JSON.parse(readFileSync(`${directory}/Mcp-args.assets.json`, 'utf8'));
      return Object.entries<{ source: Record<string, unknown> }>(dockerImages)[0] ?? [];
    };
    const buildArgs = { NODE_IMAGE: 'registry.example.com/node:24', HTTPS_PROXY: 'http://proxy:3128' };
    const [plain] = build({});
    const [hash, asset] = build({
      buildArgs,
      buildSecrets: { npmrc: '/home/ci/.npmrc', ca: 'certs/ca.pem' },
    });
    expect(asset?.source).toMatchObject({
      dockerBuildArgs: buildArgs,
      dockerBuildSecrets: {
        npmrc: 'src=/home/ci/.npmrc',
        ca: `src=${resolve(import.meta.dirname, '../../certs/ca.pem')}`,
      },
    });
    expect(hash).not.toBe(plain);
    expect(build({ buildArgs, buildSecrets: { npmrc: '/Users/me/.npmrc' } })[0]).toBe(hash);
  });

  test.each([
    [{ NPM_TOKEN: 'abc' }, 'NPM_TOKEN'],
    [{ HTTPS_PROXY: 'http://me:hunter2@proxy:3128' }, 'HTTPS_PROXY'],
  ])('no build argument holds a credential: %j', (buildArgs, name) => {
    const config = { ...stages.dev, image: { buildArgs } } as unknown as StageConfig;
    expect(() => stack(config)).toThrow(
      `image.buildArgs must not have the credential ${name}, which stays readable in the image`,
    );
    expect(() => stack(config)).not.toThrow('hunter2');
  });

  test('an image that exists is run by its digest, and the execution role may pull that repository only', () => {
    expect(imageOf(ecrImage)).toMatchObject({
      'Fn::Join': ['', expect.arrayContaining([expect.stringContaining(digest)])],
    });
    template({ ...stages.prod, image: { imageUri: ecrImage } }).hasResourceProperties(
      'AWS::IAM::ManagedPolicy',
      {
        PolicyDocument: {
          Statement: [
            {
              Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
              Resource: 'arn:aws:ecr:us-east-1:123456789012:repository/team/mcp',
            },
            { Action: 'ecr:GetAuthorizationToken', Resource: '*' },
            {},
          ],
        },
      },
    );
  });

  test('a public image is run by its digest', () => {
    expect(imageOf(`ghcr.io/team/mcp@${digest}`)).toBe(`ghcr.io/team/mcp@${digest}`);
  });

  test.each(['mcp:latest', 'mcp', `mcp@${digest.slice(0, -1)}`])('fails when imageUri is %s', (imageUri) => {
    expect(() => stack({ ...stages.dev, image: { imageUri } })).toThrow(
      `imageUri must be pinned as NAME@sha256:<64 hex digits>, got "${imageUri}"`,
    );
  });

  test('fails when an image cannot be pulled for lack of an internet route', () => {
    const config = {
      ...stages.dev,
      network: { egress: 'endpoints', s3PrefixListId },
      image: { imageUri: `ghcr.io/team/mcp@${digest}` },
    } as const;
    expect(() => stack(config)).toThrow(
      'image.imageUri must be in ECR with egress endpoints, got "ghcr.io/team/mcp@',
    );
    const elsewhere = { imageUri: ecrImage.replace('us-east-1', 'eu-west-1') };
    expect(() => stack({ ...config, image: elsewhere })).toThrow(
      'image.imageUri must be in ECR of us-east-1 with egress endpoints',
    );
  });
});
