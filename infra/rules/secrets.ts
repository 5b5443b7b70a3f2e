import { every, type Rule } from './rule.ts';
import {
  type FoundResource,
  isEverybody,
  listOf,
  type Properties,
  referencesIn,
  type SynthesizedTemplate,
} from './synthesized-template.ts';

const SECRET = 'AWS::SecretsManager::Secret';
const KEY = 'AWS::KMS::Key';
const made = { file: 'infra/constructs/secrets.ts', test: 'test/infra/secrets.test.ts' };
const clients = { file: 'infra/constructs/client-tokens.ts', test: 'test/infra/client-tokens.test.ts' };

/** What stands in a secret until it has a value: a token list that lets nobody in, a token that is none. */
const PLACEHOLDERS = [JSON.stringify({ tokens: [] }), 'no token yet'];
/** Longest interval of a rotation. */
const MAX_ROTATION_DAYS = 90;

/** Secrets that a rotation replaces: each is one client's token. */
function clientSecrets(template: SynthesizedTemplate): readonly FoundResource[] {
  const rotated = template
    .all('AWS::SecretsManager::RotationSchedule')
    .map(({ properties }) => template.target(properties['SecretId'])?.logicalId);
  return template.all(SECRET).filter(({ logicalId }) => rotated.includes(logicalId));
}

/** Secrets that containers are told to read. */
function taskSecrets(template: SynthesizedTemplate): readonly FoundResource[] {
  const named = template
    .all('AWS::ECS::TaskDefinition')
    .flatMap(({ properties }) => referencesIn(properties['ContainerDefinitions']));
  return template.all(SECRET).filter(({ logicalId }) => named.includes(logicalId));
}

/** Whether the policy of a secret denies its value to all but those it names. */
function isClosed(template: SynthesizedTemplate, secretId: string): boolean {
  return template
    .all('AWS::SecretsManager::ResourcePolicy')
    .filter(({ properties }) => template.target(properties['SecretId'])?.logicalId === secretId)
    .some(
      ({ properties: { BlockPublicPolicy, ResourcePolicy } }) =>
        BlockPublicPolicy === true &&
        listOf(ResourcePolicy?.Statement).some(
          (statement) =>
            statement['Effect'] === 'Deny' &&
            isEverybody(statement) &&
            listOf(statement['Action']).map(String).includes('secretsmanager:GetSecretValue') &&
            /^\{"StringNotEquals":\{"aws:PrincipalArn":[^}]/.test(JSON.stringify(statement['Condition'])) &&
            Object.keys(statement['Condition']).length === 1 &&
            Object.keys(statement['Condition'].StringNotEquals).length === 1,
        ),
    );
}

function isTokenList({ properties }: FoundResource): boolean {
  return properties['SecretString'] === PLACEHOLDERS[0];
}

function rotatesWithin(rules: Properties | undefined): boolean {
  const days =
    rules?.['AutomaticallyAfterDays'] ??
    /^rate\((\d+) days?\)$/.exec(rules?.['ScheduleExpression'] ?? '')?.[1];
  return Number(days) <= MAX_ROTATION_DAYS;
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
        !PLACEHOLDERS.includes(SecretString) &&
        `SecretString must be absent or one of ${PLACEHOLDERS.join(', ')}; this file is read by many`,
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
    control: 'In production what the service reads, and the key that encrypts it, outlive the stack',
    fsbp: ['KMS.3'],
    ...made,
    check: (template) =>
      !template.production
        ? []
        : taskSecrets(template).flatMap(({ logicalId, resource, properties }) => {
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
    id: 'ClientTokensRotate',
    control: `Every client’s token is replaced in ${MAX_ROTATION_DAYS} days or less, by a function of the stack`,
    fsbp: ['SecretsManager.1', 'SecretsManager.4'],
    ...clients,
    check: every(
      'AWS::SecretsManager::RotationSchedule',
      ({ RotationRules, RotationLambdaARN }, template) => [
        !rotatesWithin(RotationRules) && `RotationRules must be ${MAX_ROTATION_DAYS} days or less`,
        !template.names(RotationLambdaARN, 'AWS::Lambda::Function') &&
          'RotationLambdaARN must be a function of this template',
      ],
      { needed: false },
    ),
  },
  {
    id: 'TokensClosed',
    control: 'A client’s token is read by that client alone, the list of hashes by the tasks alone',
    fsbp: [],
    ...clients,
    check: (template) =>
      [...clientSecrets(template), ...taskSecrets(template).filter(isTokenList)].flatMap(({ logicalId }) =>
        isClosed(template, logicalId)
          ? []
          : [{ logicalId, problem: 'its policy must deny the value to all but its readers' }],
      ),
  },
  {
    id: 'SecretsNotShared',
    control: 'No policy of a secret lets everybody in',
    fsbp: [],
    file: 'infra/rules/secrets.ts',
    test: 'test/infra/added-resources.test.ts',
    check: every(
      'AWS::SecretsManager::ResourcePolicy',
      ({ ResourcePolicy }) =>
        listOf(ResourcePolicy?.Statement).map(
          ({ Effect, Principal }) =>
            Effect === 'Allow' &&
            /"\*"/.test(JSON.stringify(Principal ?? '*')) &&
            'ResourcePolicy must allow nothing to *',
        ),
      { needed: false },
    ),
  },
  {
    id: 'TasksReadNoToken',
    control: 'Tasks cannot read a client’s token, only its hash',
    fsbp: [],
    ...clients,
    check: (template) => {
      const roles = template
        .all('AWS::ECS::TaskDefinition')
        .flatMap(({ properties }) => [properties['TaskRoleArn'], properties['ExecutionRoleArn']])
        .map((role) => template.target(role)?.logicalId);
      const tokens = clientSecrets(template).map(({ logicalId }) => logicalId);
      const policies = ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy', 'AWS::IAM::Role'];
      return policies.flatMap(template.all, template).flatMap(({ logicalId, properties }) => {
        const ofTasks =
          roles.includes(logicalId) ||
          listOf(properties['Roles']).some((role) => roles.includes(template.target(role)?.logicalId));
        const read = referencesIn([properties['PolicyDocument'], properties['Policies']]).filter((id) =>
          tokens.includes(id),
        );
        return ofTasks && read.length > 0
          ? [{ logicalId, problem: `tasks must not read ${read.join(', ')}` }]
          : [];
      });
    },
  },
];
