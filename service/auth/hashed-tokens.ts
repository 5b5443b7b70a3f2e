import { hash, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../errors.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import type { DatedSecret } from '../secrets/secret-cache.ts';
import { type KnownToken, parseTokenDocument } from './token-document.ts';
import type { TokenVerifier } from './token-verifier.ts';

export interface HashedTokensOptions {
  /** The list's text and when it was read, at most `maxAgeMs` ago if given. Called for every token: cache it. */
  readonly document: (maxAgeMs?: number) => Promise<DatedSecret>;
  /** The clock of `readAt`: monotonic milliseconds. */
  readonly monotonic: () => number;
  /** Wall clock in epoch milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * An unknown token causes the list to be read again unless the list is younger than this, in milliseconds. A new token
 * works at once, and an attacker who sends random tokens causes at most one read in this time.
 */
export const UNKNOWN_MAX_AGE_MS = 5000;

/**
 * How long a list stays in force while the store fails or holds an unusable list, in milliseconds since it was read.
 * After that every token is refused. A token may have been revoked meanwhile, so this bounds how long a revocation can
 * go unnoticed. It is long enough for an outage of minutes, and for the on-call engineer to repair the list.
 */
export const TOKEN_LIST_KEEP_MS = 15 * 60_000;

/**
 * Verifies tokens of which only the SHA-256 is known. Every entry is compared, in constant time, even after a match.
 * While a new document cannot be read or parsed, the last valid one stays in force for {@link TOKEN_LIST_KEEP_MS}. Each
 * read of an unusable document is logged as `token_list_invalid`.
 */
export function createHashedTokenVerifier(options: HashedTokensOptions): TokenVerifier {
  /** The last usable document. */
  let text: string | undefined;
  let tokens: readonly KnownToken[] = [];
  let goodAt = Number.NEGATIVE_INFINITY;
  let latest: DatedSecret | undefined;

  async function list(maxAgeMs?: number): Promise<readonly KnownToken[]> {
    const reading = await options.document(maxAgeMs);
    // Each read is evaluated once, and never after a newer one.
    if (reading !== latest && reading.readAt >= (latest?.readAt ?? 0)) {
      latest = reading;
      take(reading);
    }
    const ageMs = options.monotonic() - goodAt;
    if (ageMs < TOKEN_LIST_KEEP_MS) return tokens;
    const since = text === undefined ? '' : ` for ${Math.round(ageMs / 1000)} s`;
    throw new ServiceError('secret_unavailable', {
      reason: `no usable token list${since}`,
      headers: { 'Retry-After': '5' },
    });
  }

  function take({ value, readAt }: DatedSecret): void {
    try {
      if (value !== text) tokens = parseTokenDocument(value);
      text = value;
      goodAt = readAt;
    } catch (error) {
      const ageSeconds = text === undefined ? undefined : Math.round((readAt - goodAt) / 1000);
      options.logger.error('token_list_invalid', { ageSeconds, ...describeError(error) });
    }
  }

  const expired = ({ expiresAt }: KnownToken) => expiresAt <= options.now();

  return {
    async verify(token) {
      const sha256 = hash('sha256', token, 'buffer');
      let match = find(await list(), sha256);
      if (match === undefined || expired(match)) match = find(await list(UNKNOWN_MAX_AGE_MS), sha256);
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
