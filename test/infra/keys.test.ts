import { describe, expect, test } from '@jest/globals';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { all, resources, template } from './templates.ts';

describe('keys', () => {
  test.each(Object.entries<StageConfig>(combinations))(
    'of %s can be delegated by a grant to AWS services only',
    (_name, config) => {
      const keys = all(template(config), 'AWS::KMS::Key');
      expect(keys.length).toBeGreaterThanOrEqual(3);
      for (const { Properties } of keys) {
        expect(Properties.KeyPolicy.Statement).toContainEqual({
          Sid: 'GrantsForServicesOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 'kms:CreateGrant',
          Resource: '*',
          Condition: {
            BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' },
          },
        });
      }
    },
  );

  test.each(['LogKey', 'ArchiveKey'])('of what outlives the stack outlive it too: %s', (start) => {
    const keys = Object.entries(resources(template(combinations.archive), 'AWS::KMS::Key'));
    const [, key] = keys.find(([id]) => id.startsWith(start)) ?? [];
    expect(key).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });
});
