import { Key } from 'aws-cdk-lib/aws-kms';
import { type CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { type RemovalPolicy, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

export interface EmptySecretProps {
  readonly encryptionKey: Key;
  readonly removalPolicy: RemovalPolicy;
  readonly description: string;
  /** The reason why no function rotates the secret. */
  readonly notRotated: string;
}

/**
 * Creates a secret without a value, which an operator stores. An empty secret is better than a random text: the service
 * distinguishes a missing value from a wrong one.
 */
export function createEmptySecret(scope: Construct, id: string, props: EmptySecretProps): Secret {
  const { notRotated: reason, ...rest } = props;
  const secret = new Secret(scope, id, rest);
  (secret.node.defaultChild as CfnSecret).addPropertyDeletionOverride('GenerateSecretString');
  acknowledgeNotRotated(secret, reason);
  return secret;
}

/** Imports a secret that exists. @param kmsKeyArn its key. @default - the account's `aws/secretsmanager` key */
export function importSecret(scope: Construct, id: string, arn: string, kmsKeyArn?: string): ISecret {
  return Secret.fromSecretAttributes(scope, id, {
    secretCompleteArn: arn,
    encryptionKey: kmsKeyArn === undefined ? undefined : Key.fromKeyArn(scope, `${id}Key`, kmsKeyArn),
  });
}

/** Acknowledges that a secret has no rotation function. */
export function acknowledgeNotRotated(secret: ISecret, reason: string): void {
  Validations.of(secret).acknowledge({ id: 'AwsSolutions-SMG4', reason });
  acknowledge(secret, 'SecretsManagerRotationEnabled', reason, ['nist', 'hipaa']);
}
