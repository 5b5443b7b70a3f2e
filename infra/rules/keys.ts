import { every, must, type Problems, type Rule } from './rule.ts';
import { concerns, isArnOfThisAccount, isForThisAccount, textOf } from './statements.ts';
import {
  isEverybody,
  listOf,
  type Properties,
  referencesIn,
  type SynthesizedTemplate,
} from './synthesized-template.ts';

const KEY = 'AWS::KMS::Key';
const made = { file: 'infra/constructs/secrets/secrets.ts' };

/** Whether a statement denies grants except to AWS services and to callers that use one. */
function refusesGrants(statement: Properties): boolean {
  const conditions = statement['Condition'] ?? {};
  return (
    statement['Effect'] === 'Deny' &&
    isEverybody(statement) &&
    concerns(statement, ['*']) &&
    listOf(statement['Action']).map(String).includes('kms:CreateGrant') &&
    Object.keys(conditions).join() === 'BoolIfExists' &&
    Object.entries(conditions.BoolIfExists).every(
      ([key, value]) =>
        /^(?:kms:GrantIsForAWSResource|aws:PrincipalIsAWSService)$/.test(key) && value === 'false',
    )
  );
}

function encryptsSecrets(template: SynthesizedTemplate, key: string): boolean {
  return template
    .all('AWS::SecretsManager::Secret')
    .some(({ properties }) => template.target(properties['KmsKeyId'])?.logicalId === key);
}

/** Actions that administer a key, without decrypting. */
const ADMINISTRATION =
  /^kms:(?:Cancel|Describe|Disable|Enable|Get|List|Put|Revoke|Rotate|Schedule|Tag|Untag|Update)\w+$/;

/** Whether a statement allows more than administering a key. */
function isUse({ Effect, Action, NotAction }: Properties): boolean {
  const actions = listOf(Action).map(String);
  return (
    Effect === 'Allow' && (NotAction !== undefined || !actions.every((action) => ADMINISTRATION.test(action)))
  );
}

/** Problems of a statement that would allow other uses of a key of secrets. */
function openUse({ Principal, Condition }: Properties, template: SynthesizedTemplate): Problems {
  const { StringEquals, ArnLike, ArnEquals } = (Condition ?? {}) as Properties;
  const via = listOf(StringEquals?.['kms:ViaService']).map(textOf);
  const secrets = [StringEquals, ArnLike, ArnEquals].flatMap((operator) =>
    listOf(operator?.['kms:EncryptionContext:SecretARN']),
  );
  const principals = listOf(Principal?.AWS);
  // IAM binds a role of the template to secrets, as it binds any other role of the account.
  const byIam =
    principals.length > 0 &&
    principals.every(
      (arn) =>
        /^arn:[^:]+:iam::<AWS\.AccountId>:root$/.test(textOf(arn)) || template.names(arn, 'AWS::IAM::Role'),
    );
  return [
    !(via.length > 0 && via.every((service) => service.startsWith('secretsmanager.'))) &&
      'KeyPolicy must bind use of the key by kms:ViaService to Secrets Manager',
    !byIam &&
      !(secrets.length > 0 && secrets.every((arn) => /:secret:[^*]+$/.test(textOf(arn)))) &&
      'KeyPolicy must bind principals outside of this account’s IAM to a secret',
  ];
}

export const keyRules: readonly Rule[] = [
  {
    id: 'KeysRotate',
    control: 'Every key rotates each year or more often',
    fsbp: ['KMS.4'],
    ...made,
    check: every(KEY, ({ EnableKeyRotation, RotationPeriodInDays: days = 365, Enabled }) => [
      must('EnableKeyRotation', EnableKeyRotation, true),
      !(days <= 365) && `RotationPeriodInDays must be 365 or less, got ${days}`,
      String(Enabled) === 'false' && 'Enabled must not be false',
    ]),
  },
  {
    id: 'KeysNotPublic',
    control:
      'No key policy allows every principal, a service without naming this account, or another account except for a secret',
    fsbp: ['KMS.5'],
    ...made,
    check: every(KEY, ({ KeyPolicy }, template, logicalId) =>
      listOf(KeyPolicy?.Statement).flatMap((statement) =>
        statement['Effect'] === 'Allow'
          ? [
              isEverybody(statement) && 'KeyPolicy must name its principals',
              statement['Principal']?.Service !== undefined &&
                !isForThisAccount(statement, template) &&
                'KeyPolicy must bind a service to this account by a condition',
              !encryptsSecrets(template, logicalId) &&
                !listOf(statement['Principal']?.AWS).every((arn) => isArnOfThisAccount(arn, template)) &&
                'KeyPolicy must name principals of this account',
            ]
          : [],
      ),
    ),
  },
  {
    id: 'SecretsKeyViaService',
    control:
      'A key of secrets is used through Secrets Manager only; principals outside of this account’s IAM only for a named secret',
    fsbp: [],
    file: 'infra/constructs/secrets/secrets-key.ts',
    check: every(KEY, ({ KeyPolicy }, template, logicalId) =>
      encryptsSecrets(template, logicalId)
        ? listOf(KeyPolicy?.Statement)
            .filter(isUse)
            .flatMap((statement) => openUse(statement, template))
        : [],
    ),
  },
  {
    id: 'KeysRetained',
    control: 'A key is retained if a resource that it encrypts is',
    fsbp: ['KMS.3'],
    file: 'infra/constructs/log-key.ts',
    check: (template) =>
      template.all(KEY).flatMap(({ logicalId, resource }) => {
        const kept = Object.entries(template.resources).find(
          ([, { Type, Properties, DeletionPolicy }]) =>
            !Type.startsWith('AWS::IAM::') &&
            DeletionPolicy?.startsWith('Retain') &&
            referencesIn(Properties).includes(logicalId),
        );
        return (['DeletionPolicy', 'UpdateReplacePolicy'] as const).flatMap((policy) =>
          kept && !resource[policy]?.startsWith('Retain')
            ? [{ logicalId, problem: `${policy} must retain it: ${kept[0]} is retained` }]
            : [],
        );
      }),
  },
  {
    id: 'CreateGrantDenied',
    control: 'KMS grants, which no policy shows, are denied except to AWS services',
    fsbp: [],
    file: 'infra/lib/deny-create-grant.ts',
    check: every(KEY, ({ KeyPolicy }) => [
      !listOf(KeyPolicy?.Statement).some(refusesGrants) &&
        'KeyPolicy must deny kms:CreateGrant except to AWS services',
    ]),
  },
];
