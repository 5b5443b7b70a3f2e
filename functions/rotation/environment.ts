import { z } from 'zod';

/** The contract with the stack: every variable the function reads where there is a list of tokens. */
export type ListVariable = 'TOKENS_SECRET_ARN' | 'CLIENT_SECRET_PREFIX' | 'CLIENTS' | 'GRACE_PERIOD_HOURS';

/** Set only where there is an API key whose age is to be told. */
export type ApiKeyVariable = 'API_KEY_SECRET_ARN';

/** A client as `secrets.clients` declares it. */
export interface DeclaredClient {
  readonly scopes: readonly string[];
  readonly rotateEveryDays: number;
}

/** The list of token hashes, and whose tokens are in it. */
export interface ListEnvironment {
  /** The secret of the token hashes that the service reads. */
  readonly tokensSecretId: string;
  /** What the names of the clients' secrets begin with; `<client id>/token` follows. */
  readonly clientSecretPrefix: string;
  /** By client id. */
  readonly clients: ReadonlyMap<string, DeclaredClient>;
  /** How long a replaced token still works, in milliseconds. */
  readonly graceMs: number;
}

export interface RotationEnvironment {
  /** Absent where an issuer gives the tokens out. */
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

/** Reads what the stack has set. @throws Error naming the bad variable; none of them is a secret */
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
