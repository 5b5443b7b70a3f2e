import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import * as z from 'zod';
import { ServiceError } from '../errors.ts';
import { ask } from '../outgoing/ask.ts';
import { IssuerError } from './fetch-json.ts';
import { fetchIssuerMetadata, isTrustworthy } from './issuer-metadata.ts';

/** The system for which a token is wanted, and the client that this server is at the issuer. */
export interface ExchangeRequest {
  readonly audience: string;
  readonly scopes: readonly string[];
  /** JSON with `clientId` and `clientSecret`. */
  readonly credentials: () => Promise<string>;
  /** The access token of the request. It goes to the issuer's token endpoint, and nowhere else. */
  readonly subjectToken: string;
}

export interface TokenExchangeOptions {
  readonly issuer: string;
  /** Monotonic clock in milliseconds. */
  readonly now: () => number;
}

const Credentials = z.object({ clientId: z.string().min(1), clientSecret: z.string().min(1) });
/** RFC 8693 §2.2.1. A response without `issued_token_type` is not one of an exchange. */
const Issued = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,16384}$/),
  issued_token_type: z.string(),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive().optional(),
});

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
/** Exchanged tokens to cache; the least recently used is evicted. About 10 MB with tokens of 4 KiB. */
const MAX_TOKENS = 2_000;
/** A token is exchanged again this long before it expires, in milliseconds, or at half of a shorter lifetime. */
const EARLY_MS = 60_000;
/** Timeout of one exchange, with the issuer's metadata, in milliseconds. */
const TIMEOUT_MS = 8_000;
const MAX_BYTES = 64 * 1024;

interface CachedToken {
  readonly token: Promise<string>;
  /** In milliseconds of the monotonic clock; absent while the exchange is under way. */
  until?: number;
}

/**
 * Exchanges the access token of a request for one of an upstream system at the issuer of the request's token (RFC 8693).
 * A token is cached for the same access token, and so for the same user, until a minute before it expires.
 *
 * @returns a function that returns the upstream's token, and throws ServiceError `upstream_token_refused`
 */
export function createTokenExchange({
  issuer,
  now,
}: TokenExchangeOptions): (request: ExchangeRequest) => Promise<string> {
  const cache = new LRUCache<string, CachedToken>({ max: MAX_TOKENS });

  async function exchange(request: ExchangeRequest, entry: (lifetimeMs: number) => void): Promise<string> {
    const endpoint = await tokenEndpoint(issuer);
    const credentials = parseCredentials(await request.credentials());
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: request.subjectToken,
      subject_token_type: ACCESS_TOKEN,
      requested_token_type: ACCESS_TOKEN,
      audience: request.audience,
      ...(request.scopes.length > 0 && { scope: request.scopes.join(' ') }),
    });
    const headers = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      authorization: basic(credentials),
    };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const question = { method: 'POST', headers, body: body.toString(), maxBytes: MAX_BYTES, signal } as const;
    const { status, text = '' } = await ask(endpoint, question).catch(({ code }: { code?: unknown }) => {
      throw refused(
        `the token endpoint did not answer: ${typeof code === 'string' ? code : 'no connection'}`,
      );
    });
    if (status !== 200) throw refused(`the token endpoint answered ${status}`);
    const issued = Issued.safeParse(jsonOf(text));
    if (!issued.success) throw refused('the answer of the token endpoint is not one of RFC 8693');
    const { access_token: token, issued_token_type: type, expires_in: seconds = 0 } = issued.data;
    // RFC 8693 lets an issuer return the same token. The client's own token is not for another system.
    if (type !== ACCESS_TOKEN || token === request.subjectToken)
      throw refused('the issuer gave no access token of its own for the audience');
    entry(seconds * 1000);
    return token;
  }

  return (request) => {
    // A hash, so that no token is a key. Other clients of the same user have other access tokens.
    const subject = hash('sha256', request.subjectToken, 'base64');
    const key = JSON.stringify([subject, request.audience, request.scopes]);
    const known = cache.get(key);
    if (known !== undefined && (known.until === undefined || now() < known.until)) return known.token;
    const cached: CachedToken = {
      token: exchange(request, (lifetimeMs) => {
        cached.until = now() + Math.max(lifetimeMs / 2, lifetimeMs - EARLY_MS);
      }).catch((error: unknown) => {
        if (cache.get(key) === cached) cache.delete(key);
        throw error;
      }),
    };
    cache.set(key, cached);
    return cached.token;
  };
}

/** The issuer's token endpoint, whose metadata is checked like that of its keys. */
async function tokenEndpoint(issuer: string): Promise<URL> {
  const { token_endpoint: url } = await fetchIssuerMetadata(issuer).catch((error: unknown) => {
    throw error instanceof IssuerError ? refused(error.message) : error;
  });
  if (url === undefined || !isTrustworthy(url, issuer))
    throw refused('the issuer names no token endpoint with https');
  return new URL(url);
}

function parseCredentials(text: string): z.output<typeof Credentials> {
  const parsed = Credentials.safeParse(jsonOf(text));
  if (!parsed.success) throw refused('the credentials are not JSON with clientId and clientSecret');
  return parsed.data;
}

/** RFC 6749 §2.3.1: both are form-encoded first. */
function basic({ clientId, clientSecret }: z.output<typeof Credentials>): string {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(reason: string): ServiceError {
  return new ServiceError('upstream_token_refused', { reason });
}
