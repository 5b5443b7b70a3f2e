import { every, type Rule } from './rule.ts';
import {
  type FoundResource,
  listOf,
  referencesIn,
  type SynthesizedTemplate,
} from './synthesized-template.ts';

const SECRET = 'AWS::SecretsManager::Secret';
const KEY = 'AWS::KMS::Key';
const made = { file: 'infra/constructs/secrets.ts', test: 'test/infra/secrets.test.ts' };

/** A token list that lets nobody in: what stands there until there are tokens. */
export const NO_TOKENS = JSON.stringify({ tokens: [] });
/** What stands in a secret until it has a value. */
const PLACEHOLDERS = [NO_TOKENS, 'no token yet'];

/** Secrets that containers are told to read. */
export function taskSecrets(template: SynthesizedTemplate): readonly FoundResource[] {
  const named = template
    .all('AWS::ECS::TaskDefinition')
    .flatMap(({ properties }) => referencesIn(properties['ContainerDefinitions']));
  return template.all(SECRET).filter(({ logicalId }) => named.includes(logicalId));
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
];
