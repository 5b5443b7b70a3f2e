import { createHash } from 'node:crypto';
import { leaks } from './leaks.ts';

/** Bearer tokens of the tests, and the document with their hashes. */
export const TOKENS = {
  alice: 'alice-0123456789-abcdefghijklmnop',
  bob: 'bob-0123456789-abcdefghijklmnopqr',
  noScope: 'noscope-0123456789-abcdefghijklmn',
  expired: 'expired-0123456789-abcdefghijklmn',
} as const;

export const TOKEN_DOCUMENT = JSON.stringify({
  tokens: [
    entry(TOKENS.alice, 'alice', ['scrape', 'echo']),
    entry(TOKENS.bob, 'bob', ['scrape', 'echo']),
    entry(TOKENS.noScope, 'noscope', []),
    entry(TOKENS.expired, 'carol', ['echo'], '2020-01-01T00:00:00Z'),
  ],
});

export function entry(
  token: string,
  clientId: string,
  scopes: string[],
  expiresAt = '2999-01-01T00:00:00Z',
): object {
  leaks.token(token);
  return { sha256: createHash('sha256').update(token).digest('hex'), clientId, scopes, expiresAt };
}
