import * as z from 'zod';
import { SCOPE_TOKEN } from '../../service/environment/bounds.ts';
import { OptionError } from './option-error.ts';
import { listOf, principalArn, text, wholeNumber } from './option-types.ts';

/** A client of the server that is an IAM role or user, and can fetch its token by itself. */
export const clientOptions = z.strictObject({
  clientId: text(/^[\w.@-]{1,64}$/, '1 to 64 of letters, digits and _.@-')
    .describe('Name in audit records and limits, 1–64 of `A-Za-z0-9_.@-`, unique.')
    .meta({
      update:
        'another id is another client: it gets a secret and a token of its own, and those of the old id are deleted',
    }),
  scopes: listOf(
    text(SCOPE_TOKEN, 'a scope token of 1 to 64 characters without blanks, quotes and backslashes'),
    { min: 1, max: 32 },
  ).describe('Scopes of its tokens (RFC 6749 §3.3), such as `scrape`.'),
  principalArn: principalArn().describe(
    'ARN of the IAM role or user, in any account, that reads the token; no other identity can.',
  ),
  rotateEveryDays: wholeNumber(1, 90).default(30).describe('Days after which the token is rotated.'),
});

/** A client as infra/config.ts declares it. */
export type ClientOptions = z.input<typeof clientOptions>;
/** A client with every option set. */
export type Client = z.output<typeof clientOptions>;

/**
 * The list, which Secrets Manager bounds to 64 KiB, keeps room for so many clients with a replaced token each. All of
 * them can rotate at once.
 */
export const MAX_CLIENTS = 30;
/** Part of the 4 KB that the environment of a Lambda function can hold. */
const MAX_DECLARATION_BYTES = 3072;

/** The clients as the function's environment declares them, by client id. */
export function declaration(clients: readonly Client[]): string {
  const text = JSON.stringify(
    Object.fromEntries(
      clients.map(({ clientId, scopes, rotateEveryDays }) => [clientId, { scopes, rotateEveryDays }]),
    ),
  );
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_DECLARATION_BYTES)
    throw new OptionError(
      `secrets.clients must have ids and scopes of at most ${MAX_DECLARATION_BYTES} bytes as JSON, got ${bytes}`,
    );
  return text;
}
