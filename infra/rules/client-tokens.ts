import { identityPolicies } from './grants.ts';
import { clientSecrets } from './rotation.ts';
import type { Rule } from './rule.ts';
import { isTokenList, policiesOfSecret, taskSecrets } from './secrets.ts';
import { concerns, textOf } from './statements.ts';
import {
  type FoundResource,
  isEverybody,
  listOf,
  referencesIn,
  type SynthesizedTemplate,
  taskRoles,
} from './synthesized-template.ts';

const FUNCTION = 'AWS::Lambda::Function';
const clients = {
  file: 'infra/constructs/client-tokens/client-tokens.ts',
};

/** Actions of a client on its secret. */
const READ = ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'];

/**
 * Principals excepted from the policy's denial of a secret's value; `undefined` if there is no denial, or it is
 * narrowed.
 */
export function readersOf(
  template: SynthesizedTemplate,
  secret: FoundResource,
): readonly unknown[] | undefined {
  const statements = policiesOfSecret(template, secret)
    .filter(({ properties }) => properties['BlockPublicPolicy'] === true)
    .flatMap(({ properties }) => listOf(properties['ResourcePolicy']?.Statement));
  const [readers] = statements
    .filter(
      (statement) =>
        statement['Effect'] === 'Deny' &&
        isEverybody(statement) &&
        concerns(statement, [`<${secret.logicalId}>`]) &&
        listOf(statement['Action']).map(String).includes('secretsmanager:GetSecretValue') &&
        /^\{"StringNotEquals":\{"aws:PrincipalArn":[^}]/.test(JSON.stringify(statement['Condition'])) &&
        Object.keys(statement['Condition']).length === 1 &&
        Object.keys(statement['Condition'].StringNotEquals).length === 1,
    )
    .map(({ Condition }) => listOf(Condition.StringNotEquals['aws:PrincipalArn']));
  // A principal that the policy allows for another action could write, or change this policy.
  const names = readers?.map(textOf);
  const grantConnect = statements.filter(({ Effect }) => Effect === 'Allow');
  const readOnly = grantConnect.every(
    ({ Principal, Action, NotAction }) =>
      NotAction === undefined &&
      names?.includes(textOf(Principal?.AWS)) &&
      listOf(Action)
        .map(String)
        .every((action) => READ.includes(action)),
  );
  return readOnly ? readers : undefined;
}

/** Roles of functions that get the list in their environment. */
function listWriters(template: SynthesizedTemplate, listId: string): readonly (string | undefined)[] {
  return template
    .all(FUNCTION)
    .filter(({ properties }) => referencesIn(properties['Environment']).includes(listId))
    .map(({ properties }) => template.target(properties['Role'])?.logicalId);
}

export const clientTokenRules: readonly Rule[] = [
  {
    id: 'TokenReadersRestricted',
    control: 'Only the client itself can read its token, and only the tasks the list of hashes',
    fsbp: [],
    ...clients,
    check: (template) => [
      ...clientSecrets(template).flatMap(({ secret, rotatedBy }) => {
        const readers = readersOf(template, secret);
        const [client, ...others] = readers?.filter((reader) => template.target(reader) === undefined) ?? [];
        const roles = readers?.map((reader) => template.target(reader)?.logicalId).filter(Boolean);
        return client !== undefined && others.length === 0 && String(roles) === rotatedBy
          ? []
          : [
              {
                logicalId: secret.logicalId,
                problem: 'its policy must deny the value to all but one client and its rotation',
              },
            ];
      }),
      ...taskSecrets(template)
        .filter(isTokenList)
        .flatMap((list) => {
          const { logicalId } = list;
          const readers = readersOf(template, list)?.flatMap(
            (reader) => template.target(reader)?.logicalId ?? [],
          );
          const allowed = [...taskRoles(template, ['TaskRoleArn']), ...listWriters(template, logicalId)];
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
    id: 'TasksCannotReadTokens',
    control: 'Tasks cannot read a client’s token, only its hash',
    fsbp: [],
    ...clients,
    check: (template) => {
      const tasks = taskRoles(template);
      const tokens = clientSecrets(template).map(({ secret }) => secret);
      return identityPolicies(template)
        .filter(({ roles }) => roles.some((role) => tasks.includes(role)))
        .flatMap(({ logicalId, document }) => {
          const text = JSON.stringify(document) ?? '';
          return tokens
            .filter(
              (token) =>
                text.includes(token.logicalId) ||
                (token.properties['Name'] !== undefined && text.includes(textOf(token.properties['Name']))),
            )
            .map((token) => ({ logicalId, problem: `tasks must not read ${token.logicalId}` }));
        });
    },
  },
];
