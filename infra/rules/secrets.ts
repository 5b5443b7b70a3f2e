import { every, type Rule } from './rule.ts';
import { mentions, textOf } from './statements.ts';
import {
  type FoundResource,
  listOf,
  referencesIn,
  type SynthesizedTemplate,
  taskContainers,
  taskVariable,
} from './synthesized-template.ts';

const SECRET = 'AWS::SecretsManager::Secret';
const SECRET_POLICY = 'AWS::SecretsManager::ResourcePolicy';
const KEY = 'AWS::KMS::Key';
const made = { file: 'infra/constructs/secrets/secrets.ts' };

/** A token list that lets nobody in: what stands there until there are tokens. */
export const NO_TOKENS = JSON.stringify({ tokens: [] });
/** Stands in the secret of a client until its first rotation. */
export const NO_TOKEN = 'no token yet';
/** What stands in a secret until it has a value. */
const PLACEHOLDERS = [NO_TOKENS, NO_TOKEN];

/** Secrets that containers are told to read. */
export function taskSecrets(template: SynthesizedTemplate): readonly FoundResource[] {
  const named = referencesIn(taskContainers(template));
  return template.all(SECRET).filter(({ logicalId }) => named.includes(logicalId));
}

/** Whether containers sign their audit records with a secret. */
function isAuditKey(template: SynthesizedTemplate, logicalId: string): boolean {
  return mentions(taskVariable(template, 'MCP_AUDIT_KEY'), logicalId);
}

/** Whether a secret is made as the list of tokens. */
export function isTokenList({ properties }: FoundResource): boolean {
  return properties['SecretString'] === NO_TOKENS;
}

/** The policies of a secret, which is named by a reference or, where it has one, by its name. */
export function policiesOfSecret(
  template: SynthesizedTemplate,
  { logicalId, properties: { Name } }: FoundResource,
): readonly FoundResource[] {
  return template
    .all(SECRET_POLICY)
    .filter(({ properties: { SecretId } }) =>
      [mentions(SecretId, logicalId), Name !== undefined && textOf(SecretId).includes(textOf(Name))].includes(
        true,
      ),
    );
}

export const secretRules: readonly Rule[] = [
  {
    id: 'SecretsEncrypted',
    control: 'Every secret is encrypted with a key of the stack',
    fsbp: [],
    ...made,
    check: every(SECRET, ({ KmsKeyId, ReplicaRegions }, template) => [
      !template.names(KmsKeyId, KEY) && 'KmsKeyId must be a key of this template',
      listOf(ReplicaRegions).some((replica) => replica['KmsKeyId'] === undefined) &&
        'ReplicaRegions must name a key each',
    ]),
  },
  {
    id: 'NoSecretInTemplate',
    control: 'The template contains no secret value',
    fsbp: [],
    ...made,
    check: every(SECRET, ({ SecretString, GenerateSecretString: generated }) => [
      generated?.SecretStringTemplate !== undefined &&
        'GenerateSecretString.SecretStringTemplate must be absent: what stands in it is read by many',
      SecretString !== undefined &&
        !PLACEHOLDERS.includes(SecretString) &&
        `SecretString must be absent or one of ${PLACEHOLDERS.join(', ')}; this file is read by many`,
    ]),
  },
  {
    id: 'LongAuditKey',
    control:
      'Secrets that are generated at deployment, the audit key among them, have at least 32 characters of letters and digits',
    fsbp: [],
    ...made,
    check: every(SECRET, ({ GenerateSecretString: generated }, template, logicalId) => {
      if (generated === undefined) {
        return [isAuditKey(template, logicalId) && 'GenerateSecretString must be there: it is the audit key'];
      }
      const { PasswordLength, ExcludeCharacters, ...others } = generated;
      return [
        !(PasswordLength >= 32) &&
          `GenerateSecretString.PasswordLength must be 32 or more, got ${PasswordLength}`,
        (/\w/.test(ExcludeCharacters ?? '') ||
          ['ExcludeLowercase', 'ExcludeUppercase', 'ExcludeNumbers'].some((name) => name in others)) &&
          'GenerateSecretString must leave all letters and digits in',
      ];
    }),
  },
  {
    id: 'SecretsKept',
    control: 'In production the secrets that the service reads, and their key, are retained',
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
    id: 'SecretsNotShared',
    control:
      'No secret’s policy allows every principal, and no secret has a second policy, which would replace the first',
    fsbp: [],
    file: 'infra/rules/secrets.ts',
    check: (template) => [
      ...every(
        SECRET_POLICY,
        ({ ResourcePolicy }) =>
          listOf(ResourcePolicy?.Statement).map(
            ({ Effect, Principal }) =>
              Effect === 'Allow' &&
              /"\*"/.test(JSON.stringify(Principal ?? '*')) &&
              'ResourcePolicy must allow nothing to *',
          ),
        { needed: false },
      )(template),
      ...template.all(SECRET).flatMap((secret) => {
        const [, second] = policiesOfSecret(template, secret);
        return second ? [{ logicalId: second.logicalId, problem: 'the secret must have one policy' }] : [];
      }),
    ],
  },
];
