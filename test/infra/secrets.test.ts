import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { apiKeyKmsKeyArn, apiKeySecretArn } from './combinations.ts';
import { ci, desk, stages } from './stages.ts';
import { all, resources, stack, stageNames, template } from './synthesize.ts';

const webscraping = {
  ...stages.prod,
  task: { ...stages.prod.task, scrapeEngine: 'webscraping-ai' },
} as const;

describe('the key of the secrets', () => {
  const [key] = Object.entries(resources(template(stages.prod), 'AWS::KMS::Key')).flatMap(([id, found]) =>
    id.startsWith('SecretsKey') ? [found] : [],
  );
  const statements: { Effect: string; Action: string | string[]; Principal: object; Condition?: object }[] =
    key?.Properties.KeyPolicy.Statement;
  const root = { AWS: { 'Fn::Join': ['', ['arn:aws:iam::', { Ref: 'AWS::AccountId' }, ':root']] } };
  const viaSecretsManager = { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' };

  test('is administered by the account, which can do nothing else with it directly', () => {
    const direct = statements.filter(({ Condition }) => Condition === undefined);
    expect(direct).toEqual([expect.objectContaining({ Principal: root, Sid: 'AdministrationWithoutUse' })]);
    const use = /Encrypt|Decrypt|GenerateDataKey|ReEncrypt|CreateGrant|Sign|\*/;
    expect([direct[0]?.Action].flat().filter((action) => use.test(action ?? ''))).toEqual([]);
  });

  test('is used by IAM of the account through Secrets Manager only', () => {
    const [use, ...others] = statements.filter(
      ({ Principal, Condition }) => Condition && JSON.stringify(Principal) === JSON.stringify(root),
    );
    expect(others).toEqual([]);
    expect(use).toMatchObject({ Effect: 'Allow', Condition: { StringEquals: viaSecretsManager } });
  });

  test('decrypts for a client, of this account or another, its own secret through Secrets Manager', () => {
    const forClients = statements.filter(
      ({ Effect, Principal }) => Effect === 'Allow' && JSON.stringify(Principal) !== JSON.stringify(root),
    );
    expect(forClients).toEqual(
      [ci, desk].map(({ clientId, principalArn }) => ({
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Principal: { AWS: principalArn },
        Resource: '*',
        Condition: {
          StringEquals: viaSecretsManager,
          ArnLike: {
            'kms:EncryptionContext:SecretARN': {
              'Fn::Join': [
                '',
                [
                  'arn:aws:secretsmanager:us-east-1:',
                  { Ref: 'AWS::AccountId' },
                  `:secret:Mcp-test/clients/${clientId}/token-??????`,
                ],
              ],
            },
          },
        },
      })),
    );
  });
});

describe('secrets', () => {
  test('before it has a token, the service refuses every client', () => {
    template(stages.prod).hasResourceProperties('AWS::SecretsManager::Secret', {
      SecretString: '{"tokens":[]}',
    });
  });

  test('the audit key is generated, 64 characters, and never in the template', () => {
    template(stages.prod).hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
      SecretString: Match.absent(),
    });
  });

  test.each(stageNames)('every secret of %s is encrypted with a key of ours that rotates', (name) => {
    const found = template(stages[name]);
    const secrets = all(found, 'AWS::SecretsManager::Secret');
    expect(secrets).toHaveLength(3 + (stages[name].secrets?.clients?.length ?? 0));
    for (const { Properties } of secrets) expect(Properties.KmsKeyId['Fn::GetAtt'][0]).toMatch(/^SecretsKey/);
    for (const { Properties } of all(found, 'AWS::KMS::Key')) expect(Properties.EnableKeyRotation).toBe(true);
  });

  test('prod keeps its secrets and their key, dev deletes them; tokens in plaintext go in both', () => {
    for (const [name, policy] of [
      ['prod', 'RetainExceptOnCreate'],
      ['dev', 'Delete'],
    ] as const) {
      const found = template(stages[name]);
      for (const secret of all(found, 'AWS::SecretsManager::Secret'))
        expect(secret.DeletionPolicy).toBe(secret.Properties.Name ? 'Delete' : policy);
      const keys = Object.entries(resources(found, 'AWS::KMS::Key')).filter(([id]) =>
        id.startsWith('SecretsKey'),
      );
      expect(keys.map(([, key]) => key.DeletionPolicy)).toEqual([policy]);
    }
  });

  test('engine webscraping-ai gets an empty secret of its own', () => {
    const secrets = Object.entries(resources(template(webscraping), 'AWS::SecretsManager::Secret'));
    const [key, ...others] = secrets.filter(([id]) => id.startsWith('SecretsApiKey'));
    expect(others).toEqual([]);
    expect(Object.keys(key?.[1].Properties)).toEqual(['Description', 'KmsKeyId']);
  });

  test('an imported API key is read and decrypted with its own key', () => {
    const found = template({ ...webscraping, secrets: { apiKeySecretArn, apiKeyKmsKeyArn } });
    expect(all(found, 'AWS::SecretsManager::Secret')).toHaveLength(3);
    found.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: [
          { Sid: 'ReadSecrets', Resource: Match.arrayWith([apiKeySecretArn]) },
          { Sid: 'DecryptSecrets', Resource: Match.arrayWith([apiKeyKmsKeyArn]) },
        ],
      },
    });
  });

  test.each([
    [
      { apiKeySecretArn: 'upstream' },
      'apiKeySecretArn must be the complete ARN of a secret, with its suffix, got "upstream"',
    ],
    [
      { apiKeySecretArn: apiKeySecretArn.replace('us-east-1', 'eu-west-1') },
      'secrets.apiKeySecretArn must be in the region of the stage, us-east-1, got "arn:aws:secretsmanager:eu-west-1',
    ],
    [
      { apiKeySecretArn, apiKeyKmsKeyArn: apiKeyKmsKeyArn.replace('us-east-1', 'eu-west-1') },
      'secrets.apiKeyKmsKeyArn must be in the region of the stage, us-east-1',
    ],
    [
      { apiKeySecretArn, apiKeyKmsKeyArn: 'alias/x' },
      'apiKeyKmsKeyArn must be the ARN of a KMS key, got "alias/x"',
    ],
  ])('fails on %j', (secrets, message) => {
    expect(() => stack({ ...webscraping, secrets })).toThrow(message);
  });

  test.each([['admin'], ['arn:aws:iam::123456789012:root'], ['arn:aws:iam::*:role/admin'], ['*']])(
    'fails on the administrator %s',
    (arn) => {
      expect(() => stack({ ...stages.prod, secrets: { administratorArns: [arn] } })).toThrow(
        `secrets.administratorArns must be the ARN of an IAM role or user, got "${arn}"`,
      );
    },
  );

  test('fails when an API key is given to an engine that has none', () => {
    expect(() => stack({ ...stages.prod, secrets: { apiKeySecretArn } })).toThrow(
      'secrets.apiKeySecretArn must be left out unless task.scrapeEngine is webscraping-ai',
    );
  });
});
