import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { Repository, RepositoryEncryption, type RepositoryProps, TagMutability } from 'aws-cdk-lib/aws-ecr';
import { Key } from 'aws-cdk-lib/aws-kms';
import { denyCreateGrant } from '../../infra/lib/deny-create-grant.ts';
import { assertHardened, findingsOf } from '../../infra/rules/hardened.ts';
import { REPOSITORY_MUTANTS } from './mutants.ts';
import { mutate, nameOf } from './mutate.ts';
import { stages } from './stages.ts';
import { stack } from './synthesize.ts';

/** Production with a repository beside it, as a fork might add one. */
function withRepository(props: (key: Key) => RepositoryProps) {
  const fork = stack(stages.prod);
  const key = new Key(fork, 'ImagesKey', { enableKeyRotation: true });
  denyCreateGrant(key);
  new Repository(fork, 'Images', props(key));
  return Template.fromStack(fork).toJSON();
}

const rulesBroken = (json: unknown) => findingsOf(json).map(({ rule }) => rule.id);

describe('a repository that a fork adds', () => {
  const json = withRepository((encryptionKey) => ({
    imageScanOnPush: true,
    imageTagMutability: TagMutability.IMMUTABLE,
    lifecycleRules: [{ maxImageCount: 100 }],
    encryption: RepositoryEncryption.KMS,
    encryptionKey,
  }));

  test('is accepted with images scanned, tags immutable, old images expired and a key of the stack', () => {
    expect(() => assertHardened(json)).not.toThrow();
  });

  test('is refused with the defaults of the CDK, for each reason', () => {
    const defaults = ['ImagesScanned', 'TagsImmutable', 'ImagesExpire', 'ImagesEncrypted', 'ImagesEncrypted'];
    expect(rulesBroken(withRepository(() => ({})))).toEqual(defaults);
  });

  test.each(REPOSITORY_MUTANTS.map((mutant) => [nameOf(mutant), mutant] as const))(
    'weakened, is caught %s',
    (_name, mutant) => {
      expect(new Set(rulesBroken(mutate(json, mutant)))).toEqual(new Set([mutant.rule]));
    },
  );
});

test('the cdk bootstrap repository is as SECURITY.md describes it', () => {
  const bootstrap = readFileSync(
    new URL('../../node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml', import.meta.url),
    'utf8',
  );
  const [, repository = ''] = /^ {2}ContainerAssetsRepository:\n((?: {4}.*\n)+)/m.exec(bootstrap) ?? [];
  expect(repository).toContain('ImageTagMutability: IMMUTABLE');
  expect(repository).not.toMatch(/ImageScanningConfiguration|EncryptionConfiguration/);
  expect(
    [...repository.matchAll(/"(tagStatus|countNumber)": ("?\w+"?)/g)].map(([, , value]) => value),
  ).toEqual(['"untagged"', '365']);
});
