import { every, must, type Rule } from './rule.ts';
import { listOf, type Properties } from './synthesized-template.ts';

const SECRET = 'AWS::SecretsManager::Secret';
const KEY = 'AWS::KMS::Key';
const made = { file: 'infra/constructs/secrets.ts', test: 'test/infra/secrets.test.ts' };

/** A token list that lets nobody in. */
const NOBODY = JSON.stringify({ tokens: [] });

function isEverybody({ Principal }: Properties): boolean {
  return Principal === '*' || listOf(Principal?.AWS).some((principal: unknown) => principal === '*');
}

export const secretRules: readonly Rule[] = [
  {
    id: 'SecretsEncrypted',
    control: 'Every secret is encrypted with a key of the stack',
    fsbp: [],
    ...made,
    check: every(SECRET, ({ KmsKeyId }, template) => [
      !template.names(KmsKeyId, KEY) && 'KmsKeyId must be a key of this template',
    ]),
  },
  {
    id: 'NoSecretInTemplate',
    control: 'No secret value stands in the template',
    fsbp: [],
    ...made,
    check: every(SECRET, ({ SecretString }) => [
      SecretString !== undefined &&
        SecretString !== NOBODY &&
        `SecretString must be absent or ${NOBODY}; this file is read by many`,
    ]),
  },
  {
    id: 'LongAuditKey',
    control: 'Secrets that are made at deployment have 32 characters or more',
    fsbp: [],
    ...made,
    check: every(SECRET, ({ GenerateSecretString: generated }) => [
      generated !== undefined &&
        !(generated.PasswordLength >= 32) &&
        `GenerateSecretString.PasswordLength must be 32 or more, got ${generated.PasswordLength}`,
    ]),
  },
  {
    id: 'SecretsKept',
    control: 'In production the secrets and every key under which something is stored outlive the stack',
    fsbp: ['KMS.3'],
    ...made,
    check: (template) =>
      !template.production
        ? []
        : template.all(SECRET).flatMap(({ logicalId, resource, properties }) => {
            const key = template.target(properties['KmsKeyId']);
            return [
              [logicalId, resource.DeletionPolicy] as const,
              ...(key ? [[key.logicalId, key.resource.DeletionPolicy] as const] : []),
            ].flatMap(([id, policy]) =>
              policy?.startsWith('Retain')
                ? []
                : [{ logicalId: id, problem: 'DeletionPolicy must retain it' }],
            );
          }),
  },
  {
    id: 'KeysRotate',
    control: 'Every key rotates each year',
    fsbp: ['KMS.4'],
    ...made,
    check: every(KEY, ({ EnableKeyRotation, Enabled }) => [
      must('EnableKeyRotation', EnableKeyRotation, true),
      Enabled === false && 'Enabled must not be false',
    ]),
  },
  {
    id: 'KeysNotPublic',
    control: 'No key policy lets everybody use the key, or a service without naming this account',
    fsbp: ['KMS.5'],
    ...made,
    check: every(KEY, ({ KeyPolicy }) =>
      listOf(KeyPolicy?.Statement).flatMap((statement) => {
        if (statement['Effect'] !== 'Allow') return [];
        const condition = JSON.stringify(statement['Condition'] ?? {});
        return [
          isEverybody(statement) && 'KeyPolicy must name its principals',
          statement['Principal']?.Service !== undefined &&
            !condition.includes('AWS::AccountId') &&
            'KeyPolicy must bind a service to this account by a condition',
        ];
      }),
    ),
  },
];
