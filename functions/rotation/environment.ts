import { z } from 'zod';

/** The environment contract with the stack: every variable the function reads for the token list. */
export type ListVariable = 'TOKENS_SECRET_ARN' | 'CLIENT_SECRET_PREFIX' | 'CLIENTS' | 'GRACE_PERIOD_HOURS';

/** Set only with an API key whose age is monitored. */
export type ApiKeyVariable = 'API_KEY_SECRET_ARN';

/** A client that `secrets.clients` declares. */
export interface DeclaredClient {
  readonly scopes: readonly string[];
  readonly rotateEveryDays: number;
}

/** The token list and the declared clients. */
export interface ListEnvironment {
  /** Id of the secret with the token hashes that the service reads. */
  readonly tokensSecretId: string;
  /** Prefix of the names of the clients' secrets, followed by `<client id>/token`. */
  readonly clientSecretPrefix: string;
  /** By client id. */
  readonly clients: ReadonlyMap<string, DeclaredClient>;
  /** How long a replaced token stays valid, in milliseconds. */
  readonly graceMs: number;
}

export interface RotationEnvironment {
  /** Absent when an issuer issues the tokens. */
  readonly list: ListEnvironment | undefined;
  readonly apiKeySecretId: string | undefined;
}

const Clients = z.record(
  z.string(),
  z.strictObject({ scopes: z.array(z.string()), rotateEveryDays: z.int().positive() }),
);

const List = z.object({
  TOKENS_SECRET_ARN: z.string().min(1),
  CLIENT_SECRET_PREFIX: z.string().min(1),
  CLIENTS: z.string().transform((text) => Clients.parse(JSON.parse(text))),
  GRACE_PERIOD_HOURS: z.coerce.number().positive(),
}) satisfies z.ZodType<Record<ListVariable, unknown>>;

/** Parses the variables that the stack sets. @throws Error naming the bad variable; none of them is a secret */
export function parseRotationEnvironment(
  source: Readonly<Record<string, string | undefined>>,
): RotationEnvironment {
  const apiKeySecretId = source['API_KEY_SECRET_ARN' satisfies ApiKeyVariable];
  if (source['TOKENS_SECRET_ARN'] === undefined) return { list: undefined, apiKeySecretId };
  const variables = List.parse(source);
  const list = {
    tokensSecretId: variables.TOKENS_SECRET_ARN,
    clientSecretPrefix: variables.CLIENT_SECRET_PREFIX,
    clients: new Map(Object.entries(variables.CLIENTS)),
    graceMs: variables.GRACE_PERIOD_HOURS * 3_600_000,
  };
  return { list, apiKeySecretId };
}
