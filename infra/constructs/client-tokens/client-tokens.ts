import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { ArnPrincipal, type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey, Key } from 'aws-cdk-lib/aws-kms';
import { CfnRotationSchedule, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ArnFormat, RemovalPolicy, SecretValue, Stack } from 'aws-cdk-lib/core';
import { Construct, type IDependable } from 'constructs';
import * as z from 'zod';
import { type Client, clientOptions, declaration, MAX_CLIENTS } from '../../lib/client-options.ts';
import { listOf, wholeNumber } from '../../lib/option-types.ts';
import { denyReadExcept } from '../../lib/secret-readers.ts';
import {
  addApiKeyAgeMetric,
  createRotationFunction,
  grantRotation,
  type RotationFunction,
} from './rotation-function.ts';

export const clientTokensOptions = z.strictObject({
  clients: listOf(clientOptions, { max: MAX_CLIENTS })
    .default([])
    .describe(
      'Clients whose tokens are created and rotated automatically; ids and scopes together at most 3072 bytes as JSON, ' +
        'which the environment of a function holds. A client that is removed is refused within two ' +
        'minutes of the end of the deployment.',
    )
    .meta({ update: 'the secret of a client that is removed is deleted' }),
  gracePeriodHours: wholeNumber(1, 72)
    .default(24)
    .describe(
      "Hours for which a replaced token still works, less than any client's `rotateEveryDays`: in that time a client must " +
        'read its secret again.',
    ),
  apiKeyMaxAgeDays: wholeNumber(1, 3650).optional().meta({
    description:
      'Age of the upstream API key in days above which an alarm is raised. Only with `task.scrapeEngine` `webscraping-ai`.',
    absent: '90',
  }),
});

/** Problems that concern several clients, or a client and the grace period. */
export function checkClients(
  { clients, gracePeriodHours }: z.output<typeof clientTokensOptions>,
  addProblem: (path: PropertyKey[], text: string) => void,
): void {
  const known = new Set<string>();
  for (const [index, { clientId, rotateEveryDays }] of clients.entries()) {
    if (known.has(clientId)) {
      addProblem(['clients', index, 'clientId'], `must be unique, got ${JSON.stringify(clientId)} twice`);
    }
    known.add(clientId);
    if (gracePeriodHours < rotateEveryDays * 24) continue;
    const rule = `must be less than the ${rotateEveryDays * 24} hours of secrets.clients[${index}].rotateEveryDays, got ${gracePeriodHours}`;
    addProblem(['gracePeriodHours'], rule);
  }
}

export interface ClientTokensProps extends z.output<typeof clientTokensOptions> {
  /** The secret of token hashes; absent when an issuer issues the tokens. */
  readonly tokens?: ISecret;
  /** Encrypts the clients' secrets. */
  readonly encryptionKey: Key;
  readonly apiKey?: ISecret;
  readonly logKey: IKey;
  /** Whether to reserve Lambda concurrency for the rotation. */
  readonly reserveConcurrency: boolean;
}

/** Metrics of the rotation that need an alarm. */
export interface RotationMetrics {
  /** Runs that failed. */
  readonly errors: IMetric;
  /** Age of the API key in days, and its maximum. */
  readonly apiKeyAge?: { readonly metric: IMetric; readonly maxDays: number };
}

/**
 * Initial value of a client's secret, until its first rotation. Changing this text would overwrite every token in use.
 */
const NO_TOKEN = 'no token yet';

/** A secret per declared client with its token, which only that client can read, and the function that rotates it. */
export class ClientTokens extends Construct {
  /** The role that reads and writes the list of hashes, besides the service; absent without a list. */
  readonly tokenListRole?: IRole;
  /** Absent if the stack has no token to rotate and no API key to monitor. */
  readonly metrics?: RotationMetrics;
  readonly function?: RotationFunction;
  /** Policies of the clients' secrets. An account refuses one whose client does not exist. */
  readonly readers: IDependable[] = [];

  constructor(scope: Construct, id: string, props: ClientTokensProps) {
    super(scope, id);
    const { clients, gracePeriodHours, apiKeyMaxAgeDays = 90, tokens, apiKey } = props;
    if (tokens === undefined && apiKey === undefined) return;

    // Also without clients: the function removes the last client's tokens from the list.
    const list = tokens && {
      TOKENS_SECRET_ARN: tokens.secretArn,
      CLIENT_SECRET_PREFIX: this.secretName(''),
      CLIENTS: declaration(clients),
      GRACE_PERIOD_HOURS: String(gracePeriodHours),
    };
    const rotation = createRotationFunction(this, {
      logKey: props.logKey,
      environment: { ...list, ...(apiKey && { API_KEY_SECRET_ARN: apiKey.secretArn }) },
      // All clients may be due at once, in addition to the reconcile and a manual revocation.
      reservedConcurrency: props.reserveConcurrency ? clients.length + 2 : undefined,
    });
    if (tokens !== undefined) {
      const secrets = this.clientSecrets(clients, props.encryptionKey, rotation);
      grantRotation(rotation.role, secrets, tokens, props.encryptionKey);
      this.tokenListRole = rotation.role;
    }
    const age = apiKey && addApiKeyAgeMetric(this, rotation, apiKey);
    this.metrics = {
      errors: rotation.errors,
      ...(age && { apiKeyAge: { metric: age, maxDays: apiKeyMaxAgeDays } }),
    };
    this.function = rotation;
  }

  /**
   * Creates the secrets with their schedules. Creating a schedule starts the first rotation, which makes the first
   * token.
   */
  private clientSecrets(clients: readonly Client[], key: Key, { lambda, role }: RotationFunction): ISecret[] {
    lambda.addPermission('SecretsManager', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
    });
    const scope = new Construct(this, 'Clients');
    // One after the other, because every rotation writes the list.
    let before: IDependable[] = [lambda, role];
    return clients.map((client) => {
      const { secret, readers } = this.clientSecret(scope, client, key, role);
      const schedule = new CfnRotationSchedule(secret, 'Schedule', {
        secretId: secret.secretArn,
        rotationLambdaArn: lambda.functionArn,
        rotationRules: { automaticallyAfterDays: client.rotateEveryDays },
        rotateImmediatelyOnUpdate: true,
      });
      this.readers.push(readers);
      schedule.node.addDependency(readers, ...before);
      before = [schedule];
      return secret;
    });
  }

  private clientSecret(scope: Construct, client: Client, key: Key, role: IRole) {
    const { clientId, principalArn } = client;
    const stack = Stack.of(this);
    const secret = new Secret(scope, clientId, {
      secretName: this.secretName(`${clientId}/token`),
      description: `Bearer token of ${clientId}`,
      encryptionKey: key,
      secretStringValue: SecretValue.unsafePlainText(NO_TOKEN),
      // If the secret is deleted, a deployment and a rotation create another.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const reader = new ArnPrincipal(principalArn);
    // AWS's caching clients also call DescribeSecret.
    const read = new PolicyStatement({
      sid: 'ClientReads',
      principals: [reader],
      actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
      resources: ['*'],
    });
    const readers = denyReadExcept(secret, [principalArn, role.roleArn], [read]);
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [reader],
        actions: ['kms:Decrypt'],
        resources: ['*'],
        conditions: {
          StringEquals: { 'kms:ViaService': `secretsmanager.${stack.region}.amazonaws.com` },
          // Matched by name, because the secret is created after the key.
          ArnLike: {
            'kms:EncryptionContext:SecretARN': stack.formatArn({
              service: 'secretsmanager',
              resource: 'secret',
              resourceName: `${this.secretName(`${clientId}/token`)}-??????`,
              arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            }),
          },
        },
      }),
    );
    return { secret, readers };
  }

  /**
   * Name of a client's secret. It is known before the secret exists, so that the key's policy and a client's
   * configuration can contain it.
   */
  private secretName(end: string): string {
    return `${Stack.of(this).stackName}/clients/${end}`;
  }
}
