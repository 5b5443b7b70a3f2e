import * as z from 'zod';
import { SCOPE_TOKEN } from '../environment/bounds.ts';
import { checkStored, parseStored, unusable } from './stored-document.ts';
import type { Principal } from './token-verifier.ts';

const WHAT = 'the token list';

const version = {
  /** SHA-256 of the token, 64 lower-case hex digits. Tokens are long and random, so a plain hash cannot be reversed. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'),
  /** The token is refused after this instant. */
  expiresAt: z.iso.datetime({ offset: true }),
};

const client = {
  /** Client that the token belongs to, for audit records and limits. Several entries may name one client. */
  clientId: z.string().regex(/^[\w.@:-]{1,64}$/, 'must be 1 to 64 of letters, digits and _.@:-'),
  /** The person who uses the token: an identifier, such as an employee number. */
  userId: z
    .string()
    .regex(/^[\w.|:-]{1,128}$/, 'must be 1 to 128 of letters, digits and _.|:-, no e-mail address')
    .optional(),
  scopes: z.array(z.string().regex(SCOPE_TOKEN, 'must be a scope token (RFC 6749 §3.3)')).max(64),
};

const OneToken = z.strictObject({ ...client, ...version });
/** Replaced tokens of one client that may still be in use. More within one grace period means a runaway rotation. */
const MAX_PREVIOUS = 20;
/** `versionId` is the version of the client's secret that holds the token. Only the rotation reads it. */
const Version = z.strictObject({ ...version, versionId: z.string().min(1).max(64).optional() });
const asList = (value: unknown) => (Array.isArray(value) ? value : [value]);
/** An entry that the rotation writes: the new token is `current`; replaced ones are in `previous` until they expire. */
const Rotated = z.strictObject({
  ...client,
  current: Version,
  previous: z.preprocess(asList, z.array(Version).max(MAX_PREVIOUS)).optional(),
});

/**
 * The document in the secret: `{"tokens":[…]}`. The form of an entry shows its owner. Administrators write
 * `{"clientId","scopes","sha256","expiresAt"}`, with `userId` for a token of one person, the rotation writes
 * `{"clientId","scopes","current":{"sha256","expiresAt","versionId"},"previous":[{…},…]}`.
 */
const TokenDocument = z.object({ tokens: z.array(z.unknown()).max(1000) });

/** A token of the list. */
export interface KnownToken {
  readonly hash: Buffer;
  readonly principal: Principal;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/**
 * Parses the token document.
 *
 * @throws Error naming the entry by its position and the rule it breaks. No part of the document is repeated, not even
 * member names: a token may have been pasted anywhere.
 */
export function parseTokenDocument(text: string): readonly KnownToken[] {
  const json = parseStored(WHAT, text);
  const entries = new Map<string, number>();
  return checkStored(WHAT, TokenDocument, json).tokens.flatMap((entry, index) => {
    const tokens = parseEntry(entry, index);
    for (const { hash } of tokens) {
      const sha256 = hash.toString('hex');
      const earlier = entries.get(sha256);
      if (earlier !== undefined && earlier !== index)
        throw unusable(
          WHAT,
          ['tokens', index],
          `has the same token as tokens.${earlier}; a token belongs to one client`,
        );
      entries.set(sha256, index);
    }
    return tokens;
  });
}

function parseEntry(entry: unknown, index: number): readonly KnownToken[] {
  const place = ['tokens', index];
  if (!Object.hasOwn(Object(entry), 'current')) {
    const token = checkStored(WHAT, OneToken, entry, place);
    return [known(token, token)];
  }
  const { current, previous = [], ...owner } = checkStored(WHAT, Rotated, entry, place);
  return [current, ...previous].map((token) => known(owner, token));
}

function known(
  owner: {
    readonly clientId: string;
    readonly userId?: string | undefined;
    readonly scopes: readonly string[];
  },
  token: { readonly sha256: string; readonly expiresAt: string },
): KnownToken {
  return {
    hash: Buffer.from(token.sha256, 'hex'),
    principal: {
      clientId: owner.clientId,
      user: owner.userId === undefined ? undefined : { issuer: 'tokens', subject: owner.userId },
      scopes: new Set(owner.scopes),
    },
    expiresAt: Date.parse(token.expiresAt),
  };
}
