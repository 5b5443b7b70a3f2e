import { assertShape } from './shape.ts';
import { assertMatches, assertWithin, OptionError } from './validation.ts';

/** A client of the server that is an IAM role or user, and so can fetch its token by itself. */
export interface ClientOptions {
  /** Name in audit records and limits, 1–64 of `A-Za-z0-9_.@-`; no two clients have the same. */
  readonly clientId: string;
  /** Scopes of its tokens (RFC 6749 §3.3), 1–64 of 1–64 characters each, such as `scrape`. */
  readonly scopes: readonly string[];
  /** ARN of the IAM role or user, of this account or another, that reads the token; nobody else can. */
  readonly principalArn: string;
  /** Days after which the token is replaced, 1–90. @default 30 */
  readonly rotateEveryDays?: number;
}

/** Each rotation writes the list twice, and Secrets Manager keeps about a hundred versions a day. */
const MAX_CLIENTS = 30;
/** Of the 4 KB that the environment of a Lambda function holds. */
const MAX_DECLARATION_BYTES = 3072;

/** ARN of a role or user, the forms in which IAM tells a caller's (`aws:PrincipalArn`). */
const PRINCIPAL = /^arn:aws[\w-]*:iam::\d{12}:(?:role|user)\/[\w+=,.@/-]{1,512}$/;
const PRINCIPAL_RULE = 'the ARN of an IAM role or user';

/**
 * Fails unless the clients can be declared.
 *
 * @param gracePeriodHours how long a replaced token works; it must have ended before the next one is replaced.
 * @throws OptionError naming the client's option, the rule and what was got.
 */
export function assertClients(clients: readonly ClientOptions[], gracePeriodHours: number): void {
  assertWithin('secrets.gracePeriodHours', gracePeriodHours, 1, 72);
  if (clients.length > MAX_CLIENTS)
    throw new OptionError(`secrets.clients must be at most ${MAX_CLIENTS}, got ${clients.length}`);
  const known = new Set<string>();
  for (const [index, client] of clients.entries()) {
    const option = `secrets.clients[${index}]`;
    assertShape(option, client, {
      clientId: 'string',
      scopes: 'list',
      principalArn: 'string',
      rotateEveryDays: 'number',
    });
    const { clientId = '', scopes = [], principalArn = '', rotateEveryDays = 30 } = client;
    assertMatches(`${option}.clientId`, clientId, /^[\w.@-]{1,64}$/, '1 to 64 of letters, digits and _.@-');
    if (known.has(clientId))
      throw new OptionError(`${option}.clientId must be unique, got ${JSON.stringify(clientId)} twice`);
    known.add(clientId);
    if (scopes.length < 1 || scopes.length > 64)
      throw new OptionError(`${option}.scopes must be 1 to 64 scopes, got ${scopes.length}`);
    for (const scope of scopes) {
      assertMatches(
        `${option}.scopes`,
        scope,
        /^[!#-[\]-~]{1,64}$/,
        'scope tokens without blanks, quotes and backslashes',
      );
    }
    assertMatches(`${option}.principalArn`, principalArn, PRINCIPAL, PRINCIPAL_RULE);
    assertWithin(`${option}.rotateEveryDays`, rotateEveryDays, 1, 90);
    if (gracePeriodHours >= rotateEveryDays * 24)
      throw new OptionError(
        `secrets.gracePeriodHours must be less than the ${rotateEveryDays * 24} hours of ${option}.rotateEveryDays, got ${gracePeriodHours}`,
      );
  }
}

/** Fails unless each is the ARN of a role or user. */
export function assertPrincipals(option: string, arns: readonly string[]): void {
  for (const arn of arns) assertMatches(option, arn, PRINCIPAL, `${PRINCIPAL_RULE}, each`);
}

/** The clients as the function is told of them, by client id. */
export function declaration(clients: readonly ClientOptions[]): string {
  const text = JSON.stringify(
    Object.fromEntries(
      clients.map(({ clientId, scopes, rotateEveryDays = 30 }) => [clientId, { scopes, rotateEveryDays }]),
    ),
  );
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_DECLARATION_BYTES)
    throw new OptionError(
      `secrets.clients must have ids and scopes of at most ${MAX_DECLARATION_BYTES} bytes as JSON, got ${bytes}`,
    );
  return text;
}
