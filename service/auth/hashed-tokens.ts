import { createHash, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../errors.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import { type KnownToken, parseTokenDocument } from './token-document.ts';
import type { TokenVerifier } from './token-verifier.ts';

export interface HashedTokensOptions {
  /** The document's text, not older than `maxAgeMs` if that is given; called for every token, so it should cache. */
  readonly document: (maxAgeMs?: number) => Promise<string>;
  /** Wall clock in epoch milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * A token that the list does not know makes the list be read again unless it is younger than this, so that a new
 * token works at once and whoever sends random ones costs the store one read in this time.
 */
export const UNKNOWN_MAX_AGE_MS = 5000;

/**
 * Verifies tokens of which only the SHA-256 is known. Every entry is compared, in constant time, whether or not an
 * earlier one matched. A new document that cannot be parsed is logged and the last good one stays in force.
 */
export function createHashedTokenVerifier(options: HashedTokensOptions): TokenVerifier {
  let text: string | undefined;
  let tokens: readonly KnownToken[] | undefined;

  async function list(maxAgeMs?: number): Promise<readonly KnownToken[]> {
    const document = await options.document(maxAgeMs);
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

  const expired = ({ expiresAt }: KnownToken) => expiresAt <= options.now();

  return {
    async verify(token) {
      const hash = createHash('sha256').update(token).digest();
      let match = find(await list(), hash);
      if (match === undefined || expired(match)) match = find(await list(UNKNOWN_MAX_AGE_MS), hash);
      if (match === undefined) throw new ServiceError('token_invalid', { reason: 'unknown token' });
      if (expired(match)) {
        const at = new Date(match.expiresAt).toISOString();
        throw new ServiceError('token_invalid', {
          reason: `token of ${match.principal.clientId} expired ${at}`,
        });
      }
      return match.principal;
    },
  };
}

function find(tokens: readonly KnownToken[], hash: Buffer): KnownToken | undefined {
  let match: KnownToken | undefined;
  for (const known of tokens) {
    if (timingSafeEqual(known.hash, hash)) match = known;
  }
  return match;
}
