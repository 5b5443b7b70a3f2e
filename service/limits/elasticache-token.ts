import type { SecretsManagerClientResolvedConfig } from '@aws-sdk/client-secrets-manager';

export interface ElastiCacheTokenOptions {
  readonly region: string;
  /** Name of the ElastiCache Serverless cache. */
  readonly name: string;
  /** The ElastiCache user, whose id and name are the same. */
  readonly username: string;
  /** AWS credentials that sign the tokens. @default - the AWS SDK's chain: in a task, its role */
  readonly credentials?: SecretsManagerClientResolvedConfig['credentials'];
}

/** Longest validity of a token that ElastiCache accepts for a new connection, in seconds. */
const VALID_S = 900;

/**
 * Makes passwords for a user of an ElastiCache Serverless cache with IAM authentication: a presigned `connect` request
 * to the cache, valid for 15 minutes. Making one sends nothing, and the signature works for nothing else.
 */
export async function createElastiCacheTokens(
  options: ElastiCacheTokenOptions,
): Promise<() => Promise<string>> {
  const { region, name, username } = options;
  // Loaded on first use. Only the credential chain of the Secrets Manager client is used.
  const { SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const { config } = new SecretsManagerClient({ region });
  const signer = new SignatureV4({
    service: 'elasticache',
    region,
    credentials: options.credentials ?? config.credentials,
    sha256: config.sha256,
  });
  const connect = {
    method: 'GET',
    protocol: 'http:',
    hostname: name,
    path: '/',
    headers: { host: name },
    query: { Action: 'connect', User: username, ResourceType: 'ServerlessCache' },
  };

  return async () => {
    const { query } = await signer.presign(connect, { expiresIn: VALID_S });
    return `${name}/?${new URLSearchParams(query as Record<string, string>)}`;
  };
}
