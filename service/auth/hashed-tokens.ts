import { hash, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../errors.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import type { DatedSecret } from '../secrets/secret-cache.ts';
import { type KnownToken, parseTokenDocument } from './token-document.ts';
import type { TokenVerifier } from './token-verifier.ts';

export interface HashedTokensOptions {
  /**
   * The document's text and when it was read, not longer than `maxAgeMs` ago if that is given; called for every token,
   * so it should cache.
   */
  readonly document: (maxAgeMs?: number) => Promise<DatedSecret>;
  /** The clock of `readAt`: monotonic milliseconds. */
  readonly monotonic: () => number;
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
 * How long after its reading a list is in force while the store fails or holds a list that cannot be used, in
 * milliseconds; then nobody gets in. A token may have been taken back there, so this is how long that can go unheard:
 * long enough for an outage of minutes, and for whoever the alarm wakes to repair the list.
 */
export const TOKEN_LIST_KEEP_MS = 15 * 60_000;

/**
 * Verifies tokens of which only the SHA-256 is known. Every entry is compared, in constant time, whether or not an
 * earlier one matched. While a new document cannot be read or parsed the last good one stays in force for
 * {@link TOKEN_LIST_KEEP_MS}; one that cannot be parsed is logged whenever it was read, as `token_list_invalid`.
 */
export function createHashedTokenVerifier(options: HashedTokensOptions): TokenVerifier {
  /** The last usable document, and when it was last read. */
  let text: string | undefined;
  let tokens: readonly KnownToken[] = [];
  let goodAt = Number.NEGATIVE_INFINITY;
  let latest: DatedSecret | undefined;

  async function list(maxAgeMs?: number): Promise<readonly KnownToken[]> {
    const reading = await options.document(maxAgeMs);
    // A reading is looked at once, and never one that a newer has overtaken.
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
