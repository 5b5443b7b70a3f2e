import { z } from 'zod';

/** The contract with the stack: every variable the function reads, by name. */
export type RotationVariable =
  | 'TOKENS_SECRET_ARN'
  | 'CLIENT_SECRET_PREFIX'
  | 'CLIENTS'
  | 'GRACE_PERIOD_HOURS';

/** Set only where there is an API key whose age is to be told. */
export type ApiKeyVariable = 'API_KEY_SECRET_ARN';

/** A client as `secrets.clients` declares it. */
export interface DeclaredClient {
  readonly scopes: readonly string[];
  readonly rotateEveryDays: number;
}

export interface RotationEnvironment {
  /** The secret of the token hashes that the service reads. */
  readonly tokensSecretId: string;
  /** What the names of the clients' secrets begin with; `<client id>/token` follows. */
  readonly clientSecretPrefix: string;
  /** By client id. */
  readonly clients: ReadonlyMap<string, DeclaredClient>;
  /** How long a replaced token still works, in milliseconds. */
  readonly graceMs: number;
  readonly apiKeySecretId: string | undefined;
}

const Clients = z.record(
  z.string(),
  z.strictObject({ scopes: z.array(z.string()), rotateEveryDays: z.int().positive() }),
);

const Variables = z.object({
  TOKENS_SECRET_ARN: z.string().min(1),
  CLIENT_SECRET_PREFIX: z.string().min(1),
  CLIENTS: z.string().transform((text) => Clients.parse(JSON.parse(text))),
  GRACE_PERIOD_HOURS: z.coerce.number().positive(),
  API_KEY_SECRET_ARN: z.string().min(1).optional(),
}) satisfies z.ZodType<unknown, Record<RotationVariable, unknown> & Partial<Record<ApiKeyVariable, unknown>>>;

/** Reads what the stack has set. @throws Error naming the bad variable; none of them is a secret */
export function parseRotationEnvironment(
  source: Readonly<Record<string, string | undefined>>,
): RotationEnvironment {
  const variables = Variables.parse(source);
  return {
    tokensSecretId: variables.TOKENS_SECRET_ARN,
    clientSecretPrefix: variables.CLIENT_SECRET_PREFIX,
    clients: new Map(Object.entries(variables.CLIENTS)),
    graceMs: variables.GRACE_PERIOD_HOURS * 3_600_000,
    apiKeySecretId: variables.API_KEY_SECRET_ARN,
  };
}
