import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { denyCreateGrant } from '../../lib/deny-create-grant.ts';

/** Actions of key administrators. None of them encrypts or decrypts. */
const ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListKeyRotations',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateKeyDescription',
];

/**
 * The key of all secrets. CDK's default policy would allow IAM of the account any use; this one has a statement per
 * purpose:
 *
 * - administration, which IAM of the account grants and which cannot decrypt;
 * - use by IAM of the account through Secrets Manager only (each `Secret` adds it: CloudFormation creates secrets with
 *   it). For the roles of this stack, IAM restricts it to the secrets by ARN, which a key policy cannot name: they are
 *   created after the key;
 * - reading by each declared client, through Secrets Manager, of its own secret (added where the clients are declared).
 */
export function createSecretsKey(scope: Construct, id: string, removalPolicy: RemovalPolicy): Key {
  const key = new Key(scope, id, {
    description: `${Stack.of(scope).stackName}: secrets of the MCP service`,
    enableKeyRotation: true,
    removalPolicy,
    policy: new PolicyDocument({
      statements: [
        new PolicyStatement({
          sid: 'AdministrationWithoutUse',
          principals: [new AccountRootPrincipal()],
          actions: ADMINISTRATION,
          resources: ['*'],
        }),
      ],
    }),
  });
  denyCreateGrant(key);
  return key;
}
