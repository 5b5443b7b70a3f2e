import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { App } from 'aws-cdk-lib/core';
import { digest, ecrImage, s3PrefixListId } from './combinations.ts';
import { stages } from './stages.ts';
import { only, stack, template } from './synthesize.ts';

function imageOf(imageUri: string): unknown {
  const dnsFirewall = { additionalDomains: ['ghcr.io'] };
  const config = { ...stages.prod, image: { imageUri }, dnsFirewall };
  const definition = only(template(config), 'AWS::ECS::TaskDefinition');
  return definition.Properties.ContainerDefinitions[0].Image;
}

describe('image', () => {
  const assembly = (stack(stages.dev, 'Mcp-dev').node.root as App).synth();

  test('what is built holds only what the image is made of, so nothing else changes its hash', () => {
    const sources = readdirSync(assembly.directory).filter((name) => name.startsWith('asset.'));
    const listings = sources.map((name) => readdirSync(`${assembly.directory}/${name}`).sort());
    expect(listings).toContainEqual([
      '.dockerignore',
      '.npmrc',
      'package-lock.json',
      'package.json',
      'service',
    ]);
  });

  test('what is built is for the platform the task runs on', () => {
    const assets = JSON.parse(readFileSync(`${assembly.directory}/Mcp-dev.assets.json`, 'utf8')) as {
      dockerImages: Record<string, { source: { platform: string } }>;
    };
    expect(Object.values(assets.dockerImages).map(({ source }) => source.platform)).toEqual(['linux/arm64']);
    expect(only(template(stages.dev), 'AWS::ECS::TaskDefinition').Properties.RuntimePlatform).toEqual({
      CpuArchitecture: 'ARM64',
      OperatingSystemFamily: 'LINUX',
    });
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
