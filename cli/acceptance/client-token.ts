import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { ClientOptions } from '../../infra/lib/client-options.ts';
import { allow, type CheckContext, type StageNames, type Statement } from './check.ts';

/** The clients of the stage whose tokens rotate. */
export function clientsOf({ config }: StageNames): readonly ClientOptions[] {
  return config.secrets?.clients ?? [];
}

export function secretIdOf({ stackName }: StageNames, { clientId }: ClientOptions): string {
  return `${stackName}/clients/${clientId}/token`;
}

/** Rights to read a token: only as a client, because its secret denies everyone else. */
export function tokenNeeds(stage: StageNames): readonly Statement[] {
  const roles = clientsOf(stage).flatMap(({ principalArn }) =>
    /:role\//.test(principalArn) ? [principalArn] : [],
  );
  return roles.length === 0 ? [] : [allow('ActAsClient', ['sts:AssumeRole'], ...new Set(roles))];
}

/**
 * Reads a client's token with the caller's credentials, or as the client's role if that trusts the caller.
 *
 * @returns undefined if neither may read it
 */
export async function readToken(
  { aws, stage }: CheckContext,
  client: ClientOptions,
): Promise<string | undefined> {
  const read = new GetSecretValueCommand({ SecretId: secretIdOf(stage, client) });
  for (const secrets of [async () => aws.secrets, () => aws.secretsAs(client.principalArn)]) {
    try {
      return (await (await secrets()).send(read)).SecretString;
    } catch (error) {
      if (!/AccessDenied|ValidationError/.test((error as Error).name)) throw error;
    }
  }
  return undefined;
}

/** The given token, or that of the first client whose token can be read. */
export async function anyToken(context: CheckContext): Promise<string | undefined> {
  if (context.token !== undefined) return context.token;
  for (const client of clientsOf(context.stage)) {
    const token = await readToken(context, client);
    if (token !== undefined) return token;
  }
  return undefined;
}

/** The fix for a token that cannot be read. */
export const TRUST_FIX = 'Run with credentials that may assume the role of a client';
/** The fix for a missing token. */
export const NO_TOKEN_FIX = `${TRUST_FIX}, or set MCP_TOKEN to a token that you made for the test`;
