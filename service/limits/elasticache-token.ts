import type { SecretsManagerClientResolvedConfig } from '@aws-sdk/client-secrets-manager';

export interface ElastiCacheTokenOptions {
  readonly region: string;
  /** Name of the ElastiCache Serverless cache. */
  readonly name: string;
  /** The ElastiCache user, whose id and name are the same. */
  readonly username: string;
  /** Whose tokens they are. @default - what the AWS SDK finds: in a task, its role */
  readonly credentials?: SecretsManagerClientResolvedConfig['credentials'];
}

/** Longest that ElastiCache takes a token to open a connection with, in seconds. */
const VALID_S = 900;

/**
 * Passwords for a user of an ElastiCache Serverless cache who signs in with IAM: a request `connect` to the cache,
 * signed for a quarter of an hour. Nothing is sent to make one, and the signature is good for nothing else.
 */
export async function createElastiCacheTokens(
  options: ElastiCacheTokenOptions,
): Promise<() => Promise<string>> {
  const { region, name, username } = options;
  // Loaded on first use; of the client of Secrets Manager only how it finds credentials is used.
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
