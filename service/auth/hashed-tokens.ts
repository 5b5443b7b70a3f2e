import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ServiceError } from '../errors.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import type { Principal, TokenVerifier } from './token-verifier.ts';

/** The document in the secret: `{"tokens":[{"sha256","clientId","scopes","expiresAt"}]}`. */
const TokenDocument = z.object({
  tokens: z
    .array(
      z.strictObject({
        /** SHA-256 of the token, 64 hex digits. Tokens are long and random, so a plain hash cannot be reversed. */
        sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'),
        /** Who the token belongs to, in audit records and limits. Several tokens may name one client (rotation). */
        clientId: z.string().regex(/^[\w.@:-]{1,64}$/, 'must be 1 to 64 of letters, digits and _.@:-'),
        scopes: z
          .array(z.string().regex(/^[!#-[\]-~]{1,64}$/, 'must be a scope token (RFC 6749 §3.3)'))
          .max(64),
        /** After this instant the token is refused. */
        expiresAt: z.iso.datetime({ offset: true }),
      }),
    )
    .max(1000),
});

interface KnownToken {
  readonly hash: Buffer;
  readonly principal: Principal;
  readonly expiresAt: number;
}

export interface HashedTokensOptions {
  /** The document's text; called for every token, so it should cache. */
  readonly document: () => Promise<string>;
  /** Wall clock in epoch milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Parses the token document. @throws Error naming the entry and the rule it breaks; hashes are not repeated. */
export function parseTokenDocument(text: string): readonly KnownToken[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('the token list is not JSON');
  }
  const parsed = TokenDocument.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(`the token list is not usable: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return parsed.data.tokens.map(({ sha256, clientId, scopes, expiresAt }) => ({
    hash: Buffer.from(sha256, 'hex'),
    principal: { clientId, scopes: new Set(scopes) },
    expiresAt: Date.parse(expiresAt),
  }));
}

/**
 * Verifies tokens of which only the SHA-256 is known. Every entry is compared, in constant time, whether or not an
 * earlier one matched. A new document that cannot be parsed is logged and the last good one stays in force.
 */
export function createHashedTokenVerifier(options: HashedTokensOptions): TokenVerifier {
  let text: string | undefined;
  let tokens: readonly KnownToken[] | undefined;

  async function current(): Promise<readonly KnownToken[]> {
    const document = await options.document();
    if (document !== text) {
      text = document;
      try {
        tokens = parseTokenDocument(document);
      } catch (error) {
        options.logger.error('token_list_invalid', describeError(error));
      }
    }
    if (tokens === undefined)
      throw new ServiceError('secret_unavailable', { reason: 'no usable token list' });
    return tokens;
  }

  return {
    async verify(token) {
      const hash = createHash('sha256').update(token).digest();
      let match: KnownToken | undefined;
      for (const known of await current()) {
        if (timingSafeEqual(known.hash, hash)) match = known;
      }
      if (match === undefined) throw new ServiceError('token_invalid', { reason: 'unknown token' });
      if (match.expiresAt <= options.now()) {
        const at = new Date(match.expiresAt).toISOString();
        throw new ServiceError('token_invalid', {
          reason: `token of ${match.principal.clientId} expired ${at}`,
        });
      }
      return match.principal;
    },
  };
}
