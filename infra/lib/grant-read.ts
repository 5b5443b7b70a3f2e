import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Stack } from 'aws-cdk-lib/core';

export interface ReadableSecrets {
  readonly secretArns: readonly string[];
  /** Customer-managed keys that encrypt them. */
  readonly keyArns: readonly string[];
}

/**
 * Allows a role to read exactly these secrets, and to decrypt with their keys through Secrets Manager only: what the API
 * reference of GetSecretValue requires.
 */
export function grantRead(role: IRole, { secretArns, keyArns }: ReadableSecrets): void {
  if (secretArns.length === 0) return;
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: 'ReadSecrets',
      actions: ['secretsmanager:GetSecretValue'],
      resources: [...secretArns],
    }),
  );
  if (keyArns.length === 0) return;
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: 'DecryptSecrets',
      actions: ['kms:Decrypt'],
      resources: [...keyArns],
      conditions: {
        StringEquals: {
          'kms:ViaService': `secretsmanager.${Stack.of(role).region}.amazonaws.com`,
          'kms:EncryptionContext:SecretARN': [...secretArns],
        },
      },
    }),
  );
}
