import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { apiKeyKmsKeyArn, apiKeySecretArn } from './combinations.ts';
import { stages } from './stages.ts';
import { all, resources, stack, stageNames, template } from './synthesize.ts';

const webscraping = { ...stages.prod, task: { ...stages.prod.task, engine: 'webscraping-ai' } } as const;

describe('secrets', () => {
  test('before any token is put in, the service refuses everybody', () => {
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
    expect(secrets).toHaveLength(2);
    for (const { Properties } of secrets) expect(Properties.KmsKeyId['Fn::GetAtt'][0]).toMatch(/^SecretsKey/);
    for (const { Properties } of all(found, 'AWS::KMS::Key')) expect(Properties.EnableKeyRotation).toBe(true);
  });

  test('prod keeps its secrets and their key, dev deletes them', () => {
    for (const [name, policy] of [
      ['prod', 'RetainExceptOnCreate'],
      ['dev', 'Delete'],
    ] as const) {
      const found = template(stages[name]);
      for (const secret of all(found, 'AWS::SecretsManager::Secret'))
        expect(secret.DeletionPolicy).toBe(policy);
      const keys = Object.entries(resources(found, 'AWS::KMS::Key')).filter(([id]) =>
        id.startsWith('SecretsKey'),
      );
      expect(keys.map(([, key]) => key.DeletionPolicy)).toEqual([policy]);
    }
  });

  test('engine webscraping-ai gets a secret of its own, with a random placeholder', () => {
    const secrets = all(template(webscraping), 'AWS::SecretsManager::Secret');
    expect(secrets).toHaveLength(3);
    expect(
      secrets.filter(({ Properties }) => Properties.GenerateSecretString?.PasswordLength === 32),
    ).toHaveLength(1);
  });

  test('an imported API key is read and decrypted with its own key', () => {
    const found = template({ ...webscraping, secrets: { apiKeySecretArn, apiKeyKmsKeyArn } });
    expect(all(found, 'AWS::SecretsManager::Secret')).toHaveLength(2);
    found.hasResourceProperties('AWS::IAM::Policy', {
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

  test('fails when an API key is given to an engine that has none', () => {
    expect(() => stack({ ...stages.prod, secrets: { apiKeySecretArn } })).toThrow(
      'secrets.apiKeySecretArn must be left out unless task.engine is webscraping-ai',
    );
  });
});
