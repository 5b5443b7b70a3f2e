import { every, type Rule } from './rule.ts';
import { NO_TOKENS, taskSecrets } from './secrets.ts';
import {
  type FoundResource,
  isEverybody,
  listOf,
  type Properties,
  referencesIn,
  type SynthesizedTemplate,
} from './synthesized-template.ts';

const SECRET = 'AWS::SecretsManager::Secret';
const FUNCTION = 'AWS::Lambda::Function';
const clients = { file: 'infra/constructs/client-tokens.ts', test: 'test/infra/client-tokens.test.ts' };

/** Longest interval of a rotation. */
const MAX_ROTATION_DAYS = 90;

/** Secrets that a rotation replaces, each one client's token, and the role of what replaces it. */
function clientSecrets(
  template: SynthesizedTemplate,
): readonly { readonly logicalId: string; readonly rotatedBy: string | undefined }[] {
  return template
    .all('AWS::SecretsManager::RotationSchedule')
    .flatMap(({ properties: { SecretId, RotationLambdaARN } }) => {
      const secret = template.target(SecretId);
      if (secret?.resource.Type !== SECRET) return [];
      const rotation = template.target(RotationLambdaARN)?.properties;
      return { logicalId: secret.logicalId, rotatedBy: template.target(rotation?.['Role'])?.logicalId };
    });
}

/** Who is left out of a denial of a secret's value to everybody; `undefined` where there is none, or it is narrowed. */
function readersOf(template: SynthesizedTemplate, secretId: string): readonly unknown[] | undefined {
  return template
    .all('AWS::SecretsManager::ResourcePolicy')
    .filter(
      ({ properties: { SecretId, BlockPublicPolicy } }) =>
        template.target(SecretId)?.logicalId === secretId && BlockPublicPolicy === true,
    )
    .flatMap(({ properties: { ResourcePolicy } }) => listOf(ResourcePolicy?.Statement))
    .filter(
      (statement) =>
        statement['Effect'] === 'Deny' &&
        isEverybody(statement) &&
        listOf(statement['Action']).map(String).includes('secretsmanager:GetSecretValue') &&
        /^\{"StringNotEquals":\{"aws:PrincipalArn":[^}]/.test(JSON.stringify(statement['Condition'])) &&
        Object.keys(statement['Condition']).length === 1 &&
        Object.keys(statement['Condition'].StringNotEquals).length === 1,
    )
    .map(({ Condition }) => listOf(Condition.StringNotEquals['aws:PrincipalArn']))[0];
}

function isTokenList({ properties }: FoundResource): boolean {
  return properties['SecretString'] === NO_TOKENS;
}

/** Roles of tasks. */
function taskRoles(template: SynthesizedTemplate): readonly (string | undefined)[] {
  return template
    .all('AWS::ECS::TaskDefinition')
    .map(({ properties }) => template.target(properties['TaskRoleArn'])?.logicalId);
}

/** Roles of functions that are told the list. */
function listWriters(template: SynthesizedTemplate, listId: string): readonly (string | undefined)[] {
  return template
    .all(FUNCTION)
    .filter(({ properties }) => referencesIn(properties['Environment']).includes(listId))
    .map(({ properties }) => template.target(properties['Role'])?.logicalId);
}

function rotatesWithin(rules: Properties | undefined): boolean {
  const days =
    rules?.['AutomaticallyAfterDays'] ??
    /^rate\((\d+) days?\)$/.exec(rules?.['ScheduleExpression'] ?? '')?.[1];
  return Number(days) <= MAX_ROTATION_DAYS;
}

export const clientTokenRules: readonly Rule[] = [
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
    check: (template) => [
      ...clientSecrets(template).flatMap(({ logicalId, rotatedBy }) => {
        const readers = readersOf(template, logicalId);
        const [client, ...others] = readers?.filter((reader) => template.target(reader) === undefined) ?? [];
        const roles = readers?.map((reader) => template.target(reader)?.logicalId).filter(Boolean);
        return client !== undefined && others.length === 0 && String(roles) === rotatedBy
          ? []
          : [{ logicalId, problem: 'its policy must deny the value to all but one client and its rotation' }];
      }),
      ...taskSecrets(template)
        .filter(isTokenList)
        .flatMap(({ logicalId }) => {
          const readers = readersOf(template, logicalId)?.flatMap(
            (reader) => template.target(reader)?.logicalId ?? [],
          );
          const allowed = [...taskRoles(template), ...listWriters(template, logicalId)];
          return readers?.every((role) => allowed.includes(role))
            ? []
            : [
                {
                  logicalId,
                  problem: 'its policy must deny the value to all but the tasks and the rotation',
                },
              ];
        }),
    ],
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
