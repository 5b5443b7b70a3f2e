import { every, type Rule } from './rule.ts';
import { mentions, textOf } from './statements.ts';
import {
  type FoundResource,
  listOf,
  referencesIn,
  type SynthesizedTemplate,
  serviceContainers,
  taskContainers,
  taskVariable,
} from './synthesized-template.ts';

const SECRET = 'AWS::SecretsManager::Secret';
const SECRET_POLICY = 'AWS::SecretsManager::ResourcePolicy';
const KEY = 'AWS::KMS::Key';
const made = { file: 'infra/constructs/secrets/secrets.ts' };

/** A token list without tokens: the initial value. */
const NO_TOKENS = JSON.stringify({ tokens: [] });
/** An access list that denies nothing: the initial value. */
export const NOTHING_DENIED = JSON.stringify({ deny: {} });
/** Initial value of a client's secret, until its first rotation. */
export const NO_TOKEN = 'no token yet';
/** Initial values that are not secret. */
const PLACEHOLDERS = [NOTHING_DENIED, NO_TOKENS, NO_TOKEN];

/** Secrets that containers read. */
export function taskSecrets(template: SynthesizedTemplate): readonly FoundResource[] {
  const named = referencesIn(taskContainers(template));
  return template.all(SECRET).filter(({ logicalId }) => named.includes(logicalId));
}

/** Whether containers sign their audit records with a secret. */
function isAuditKey(template: SynthesizedTemplate, logicalId: string): boolean {
  const value = taskVariable(template, 'MCP_AUDIT_KEY');
  const injected = serviceContainers(template)
    .flatMap(({ Secrets }) => listOf(Secrets))
    .filter(({ Name }) => value === `env:${Name}`)
    .map(({ ValueFrom }) => ValueFrom);
  return mentions([value, ...injected], logicalId);
}

/** Whether a secret is the token list, judged by its initial value. */
export function isTokenList({ properties }: FoundResource): boolean {
  return properties['SecretString'] === NO_TOKENS;
}

/** Whether a secret is the access list, judged by its initial value. */
export function isAccessList({ properties }: FoundResource): boolean {
  return properties['SecretString'] === NOTHING_DENIED;
}

/** Policies of a secret, which refer to it by reference or, if it has a name, by that name. */
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
        'GenerateSecretString.SecretStringTemplate must be absent: the template has many readers',
      SecretString !== undefined &&
        !PLACEHOLDERS.includes(SecretString) &&
        `SecretString must be absent or one of ${PLACEHOLDERS.join(', ')}; the template has many readers`,
    ]),
  },
  {
    id: 'GeneratedSecretLength',
    control:
      'Generated secrets, such as the audit key, have 32 characters or more, of all letters and digits',
    fsbp: [],
    ...made,
    check: every(SECRET, ({ GenerateSecretString: generated }, template, logicalId) => {
      if (generated === undefined) {
        return [
          isAuditKey(template, logicalId) &&
            'GenerateSecretString must be set, because this is the audit key',
        ];
      }
      const { PasswordLength, ExcludeCharacters, ...others } = generated;
      return [
        !(PasswordLength >= 32) &&
          `GenerateSecretString.PasswordLength must be 32 or more, got ${PasswordLength}`,
        (/\w/.test(ExcludeCharacters ?? '') ||
          ['ExcludeLowercase', 'ExcludeUppercase', 'ExcludeNumbers'].some((name) => name in others)) &&
          'GenerateSecretString must not exclude letters or digits',
      ];
    }),
  },
  {
    id: 'SecretsRetained',
    control: 'In production the service’s secrets and their key are retained when the stack is deleted',
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
      'No secret policy allows every principal, and no secret has a second policy, which would replace the first',
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
