import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { RemovalPolicy, Stack, Token } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { createEmptySecret, importSecret } from '../lib/operator-secret.ts';
import { addPackedPolicies } from '../lib/packed-policies.ts';
import type { SecretSource } from '../lib/tool-options.ts';

export interface ToolSecretsProps {
  /** Secrets of each served tool, by name. */
  readonly tools: readonly {
    readonly name: string;
    readonly secrets: Readonly<Record<string, SecretSource>>;
  }[];
  /** Encrypts those that the stack creates. */
  readonly encryptionKey: Key;
  /** Whether they are retained when the stack is deleted. */
  readonly retain: boolean;
}

/** Characters of an ARN that is not known yet, with a name that CloudFormation generates. */
const GENERATED_ARN_CHARACTERS = 130;

/** The secrets of the tools: created empty, with an output that names each, or imported. */
export class ToolSecrets extends Construct {
  /** Secrets by tool and name. */
  readonly byTool: Readonly<Record<string, Readonly<Record<string, ISecret>>>>;
  /** Those that the stack creates, each with the name of its output. */
  readonly created: { readonly id: string; readonly secret: ISecret }[] = [];
  private readonly encryptionKey: Key;

  constructor(scope: Construct, id: string, props: ToolSecretsProps) {
    super(scope, id);
    this.encryptionKey = props.encryptionKey;
    this.byTool = Object.fromEntries(
      props.tools.map(({ name, secrets }) => [
        name,
        Object.fromEntries(
          Object.entries(secrets).map(([secret, source]) => [
            secret,
            this.secret(name, secret, source, props),
          ]),
        ),
      ]),
    );
  }

  private secret(tool: string, name: string, source: SecretSource, { retain }: ToolSecretsProps): ISecret {
    const id = `${tool}-${name}`;
    if (typeof source === 'object') return importSecret(this, id, source.arn, source.kmsKeyArn);
    if (source !== 'create') return importSecret(this, id, source);
    const secret = createEmptySecret(this, id, {
      encryptionKey: this.encryptionKey,
      removalPolicy: retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
      description: `Secret ${name} of the tool ${tool}; empty until an operator stores it`,
      notRotated:
        'The service that the tool calls issues it; an operator stores a new value, which tasks read within a minute',
    });
    this.created.push({ id: `ToolSecret${pascalCase(tool)}${pascalCase(name)}Arn`, secret });
    return secret;
  }

  /** Allows a role to read exactly these secrets, and to decrypt with their keys through Secrets Manager only. */
  grantRead(role: IRole): void {
    const region = Stack.of(this).region;
    addPackedPolicies(role, 'ToolSecrets', {
      items: Object.values(this.byTool).flatMap((secrets) => Object.values(secrets)),
      // Its ARN twice, and that of its key.
      sizeOf: ({ secretArn, encryptionKey }) =>
        2 * charactersOf(secretArn) + (encryptionKey ? charactersOf(encryptionKey.keyArn) : 0),
      statementsOf: (secrets) => {
        const arns = secrets.map(({ secretArn }) => secretArn);
        const keys = [...new Set(secrets.flatMap(({ encryptionKey }) => encryptionKey?.keyArn ?? []))];
        const read = new PolicyStatement({
          sid: 'ReadToolSecrets',
          actions: ['secretsmanager:GetSecretValue'],
          resources: arns,
        });
        if (keys.length === 0) return [read];
        const decrypt = new PolicyStatement({
          sid: 'DecryptToolSecrets',
          actions: ['kms:Decrypt'],
          resources: keys,
          conditions: {
            StringEquals: {
              'kms:ViaService': `secretsmanager.${region}.amazonaws.com`,
              'kms:EncryptionContext:SecretARN': arns,
            },
          },
        });
        return [read, decrypt];
      },
    });
  }
}

/** `stock_level` as `StockLevel`. */
function pascalCase(name: string): string {
  const words = name.split(/[_-]+/).filter(Boolean);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function charactersOf(arn: string): number {
  return Token.isUnresolved(arn) ? GENERATED_ARN_CHARACTERS : arn.length;
}
