import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { RemovalPolicy, SecretValue } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import * as z from 'zod';
import { grantRead } from '../../lib/grant-read.ts';
import { acknowledgeNotRotated, createEmptySecret, importSecret } from '../../lib/operator-secret.ts';
import { kmsKeyArn, listOf, principalArn, secretArn } from '../../lib/option-types.ts';
import { denyReadExcept, denyUseExcept } from '../../lib/secret-readers.ts';
import { accessListWrites } from './access-list-events.ts';
import { createSecretsKey } from './secrets-key.ts';

export const secretsOptions = z.strictObject({
  retain: z
    .boolean()
    .default(true)
    .describe(
      'Whether the secrets and their key are retained when the stack is deleted, once its first deployment succeeded.',
    ),
  apiKeySecretArn: secretArn()
    .optional()
    .meta({
      description:
        'Complete ARN (with its six-character suffix) of a secret that holds the upstream API key as its whole value. Only ' +
        "with `task.scrapeEngine` `webscraping-ai`. If another account owns the secret, its policy must let the task's role " +
        "read it and the rotation's role list its versions.",
      absent: 'an empty secret is created, and calls get 503 until the key is stored in it',
      update:
        'the secret that the stack had created for the key stays outside of the stack, or is deleted if `secrets.retain` is `false`',
    }),
  apiKeyKmsKeyArn: kmsKeyArn().optional().meta({
    description: 'ARN of the key that encrypts `apiKeySecretArn`.',
    absent: "the account's `aws/secretsmanager` key",
  }),
  administratorArns: listOf(principalArn(), { max: 18 })
    .default([])
    .describe(
      'ARNs of the administrators, IAM roles or users, that may read the list of token hashes besides the service and the rotation, to ' +
        'manage tokens manually with `npm run tokens`, and that may change the access list with `npm run access`, which cuts off ' +
        'users, clients and tools. Without one, no administrator can, and a cut-off needs a deployment.',
    ),
});

export interface SecretsProps extends z.output<typeof secretsOptions> {
  /** Scrape engine of the task. `webscraping-ai` needs an upstream API key; other engines have none that could leak. */
  readonly scrapeEngine: 'direct' | 'webscraping-ai';
  /** Whether an issuer issues the tokens; there is then no token list. */
  readonly oauth: boolean;
}

/** A list that denies nothing. */
const DENY_NOTHING = JSON.stringify({ deny: {} });
const REFUSE_EVERYBODY = JSON.stringify({ tokens: [] });

/** The secrets that the service may read, and their key. */
export class Secrets extends Construct {
  /** SHA-256 of every client token, in the form of service/auth/token-document.ts; no plaintext. Absent with OAuth. */
  readonly tokens?: Secret;
  /** Denied users, clients, tools and protocol versions: service/auth/access-document.ts. */
  readonly accessList: Secret;
  /** Counts its new values. */
  readonly accessListWrites: IMetric;
  /** Key of the audit chain's HMAC. */
  readonly auditKey: ISecret;
  /** Key of the upstream scraping API. */
  readonly apiKey?: ISecret;
  /** Encrypts all of them. */
  readonly encryptionKey: Key;
  private readonly administratorArns: readonly string[];

  constructor(scope: Construct, id: string, props: SecretsProps) {
    super(scope, id);
    const removalPolicy = props.retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
    this.administratorArns = props.administratorArns;

    this.encryptionKey = createSecretsKey(this, 'Key', removalPolicy);
    const encrypted = { encryptionKey: this.encryptionKey, removalPolicy };

    this.accessList = this.denials(encrypted);
    this.accessListWrites = accessListWrites(this, this.accessList);
    if (!props.oauth) this.tokens = this.tokenList(encrypted);
    this.auditKey = new Secret(this, 'AuditKey', {
      ...encrypted,
      description: "Key of the audit chain's HMAC",
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    });
    if (props.scrapeEngine === 'webscraping-ai') this.apiKey = this.upstreamKey(props, encrypted);

    acknowledgeNotRotated(
      this.auditKey,
      'Verifying an old audit record needs the key that signed it; a new key would read as tampering',
    );
  }

  /**
   * Allows a role to read what the service reads at run time.
   *
   * @param auditKey whether the audit key is among it; otherwise ECS injects it
   */
  grantRead(role: IRole, { auditKey }: { readonly auditKey: boolean }): void {
    const secrets = [this.accessList, this.tokens, auditKey ? this.auditKey : undefined, this.apiKey].flatMap(
      (secret) => secret ?? [],
    );
    const keyArns = [this.encryptionKey.keyArn];
    const imported = this.apiKey?.encryptionKey?.keyArn;
    if (imported !== undefined && !keyArns.includes(imported)) keyArns.push(imported);
    grantRead(role, { secretArns: secrets.map(({ secretArn }) => secretArn), keyArns });
  }

  /** Allows only these roles and the administrators to read the list of token hashes. */
  restrictTokenReaders(readers: readonly (IRole | undefined)[]): void {
    if (this.tokens === undefined) return;
    const arns = readers.flatMap((role) => (role ? [role.roleArn] : []));
    denyReadExcept(this.tokens, [...arns, ...this.administratorArns]);
  }

  /** Allows only the tasks to read the list of what is denied, and only the administrators to change it. */
  restrictAccessList(task: IRole): void {
    denyUseExcept(this.accessList, { readerArns: [task.roleArn], writerArns: this.administratorArns });
  }

  private denials(encrypted: { encryptionKey: Key; removalPolicy: RemovalPolicy }): Secret {
    const list = new Secret(this, 'AccessList', {
      ...encrypted,
      description: 'Denied users, clients, tools and protocol versions, each with a reason and an end',
      // Not secret. CloudFormation writes it again only when this line changes, so later denials stay.
      secretStringValue: SecretValue.unsafePlainText(DENY_NOTHING),
    });
    acknowledgeNotRotated(
      list,
      'Holds no credential: administrators write the denied users, clients and tools',
    );
    return list;
  }

  private tokenList(encrypted: { encryptionKey: Key; removalPolicy: RemovalPolicy }): Secret {
    const tokens = new Secret(this, 'Tokens', {
      ...encrypted,
      description: 'SHA-256 of the client tokens, with client id, scopes and expiry',
      // The list is empty and not secret: the first deployment is healthy and refuses every client. CloudFormation
      // writes the value again only when this line changes, so later tokens stay.
      secretStringValue: SecretValue.unsafePlainText(REFUSE_EVERYBODY),
    });
    acknowledgeNotRotated(
      tokens,
      'Holds hashes, not credentials: each expires by its own expiresAt, and rotating a client writes its new one',
    );
    return tokens;
  }

  private upstreamKey(
    props: SecretsProps,
    encrypted: { encryptionKey: Key; removalPolicy: RemovalPolicy },
  ): ISecret {
    if (props.apiKeySecretArn === undefined) {
      return createEmptySecret(this, 'ApiKey', {
        ...encrypted,
        description: 'Key of the upstream scraping API; empty until an operator stores it',
        notRotated:
          'The upstream service issues the key and has no API to rotate it; the ApiKeyAge alarm asks for a new one',
      });
    }
    return importSecret(this, 'ApiKey', props.apiKeySecretArn, props.apiKeyKmsKeyArn);
  }
}
