import { every, must, type Rule } from './rule.ts';
import type { Properties } from './synthesized-template.ts';

const REPOSITORY = 'AWS::ECR::Repository';
// The stack has no repository: its image is an asset of `cdk bootstrap`, or yours. These rules check repositories that
// a fork adds.
const added = { file: 'infra/rules/repositories.ts' };
const ifAny = { needed: false };

/** Whether a rule of the lifecycle policy, a JSON text, expires images. */
function expires(policy: Properties | undefined): boolean {
  try {
    const { rules } = JSON.parse(policy?.['LifecyclePolicyText']);
    return rules.some((rule: Properties) => rule['action']?.type === 'expire');
  } catch {
    return false;
  }
}

export const repositoryRules: readonly Rule[] = [
  {
    id: 'ImagesScanned',
    control: 'Every repository scans its images on push',
    fsbp: ['ECR.1'],
    ...added,
    check: every(
      REPOSITORY,
      ({ ImageScanningConfiguration }) => [must('ScanOnPush', ImageScanningConfiguration?.ScanOnPush, true)],
      ifAny,
    ),
  },
  {
    id: 'TagsImmutable',
    control: 'The tags of every repository are immutable',
    fsbp: ['ECR.2'],
    ...added,
    check: every(
      REPOSITORY,
      ({ ImageTagMutability }) => [must('ImageTagMutability', ImageTagMutability, 'IMMUTABLE')],
      ifAny,
    ),
  },
  {
    id: 'ImagesExpire',
    control: 'Every repository expires unneeded images',
    fsbp: ['ECR.3'],
    ...added,
    check: every(
      REPOSITORY,
      ({ LifecyclePolicy }) => [
        !expires(LifecyclePolicy) && 'LifecyclePolicyText must have a rule that expires images',
      ],
      ifAny,
    ),
  },
  {
    id: 'ImagesEncrypted',
    control: 'Every repository is encrypted with a key of the stack',
    fsbp: ['ECR.5'],
    ...added,
    check: every(
      REPOSITORY,
      ({ EncryptionConfiguration }, template) => [
        !/^KMS(_DSSE)?$/.test(EncryptionConfiguration?.EncryptionType ?? '') &&
          'EncryptionType must be KMS or KMS_DSSE',
        !template.names(EncryptionConfiguration?.KmsKey, 'AWS::KMS::Key') &&
          'KmsKey must be a key of this template',
      ],
      ifAny,
    ),
  },
];
