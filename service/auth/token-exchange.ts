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
/** Timeout of one request to the token endpoint, in milliseconds. */
const TIMEOUT_MS = 8_000;
/** How long the token endpoint of the issuer's metadata is cached, in milliseconds. */
const ENDPOINT_MS = 600_000;
const MAX_BYTES = 64 * 1024;

interface CachedToken {
  readonly token: Promise<string>;
  /** In milliseconds of the monotonic clock; absent while the exchange is under way. */
  until?: number;
}

/**
 * Exchanges the access token of a request for one of an upstream system at the issuer of the request's token (RFC 8693).
 * A token is cached for the same access token, and so for the same user, and the same credentials, until a minute before
 * it expires.
 *
 * @returns a function that returns the upstream's token, and throws ServiceError `upstream_token_refused`
 */
export function createTokenExchange({
  issuer,
  now,
}: TokenExchangeOptions): (request: ExchangeRequest) => Promise<string> {
  const cache = new LRUCache<string, CachedToken>({ max: MAX_TOKENS });
  let endpoint: Promise<URL> | undefined;
  let endpointUntil = 0;

  function currentEndpoint(): Promise<URL> {
    if (endpoint === undefined || now() >= endpointUntil) {
      endpointUntil = now() + ENDPOINT_MS;
      const attempt = tokenEndpoint(issuer).catch((error: unknown) => {
        if (endpoint === attempt) endpoint = undefined;
        throw error;
      });
      endpoint = attempt;
    }
    return endpoint;
  }

  async function exchange(
    request: ExchangeRequest,
    credentials: string,
    entry: (lifetimeMs: number) => void,
  ): Promise<string> {
    const authorization = basic(parseCredentials(credentials));
    const url = await currentEndpoint();
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
      authorization,
    };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const question = { method: 'POST', headers, body: body.toString(), maxBytes: MAX_BYTES, signal } as const;
    const { status, text = '' } = await ask(url, question).catch(({ code }: { code?: unknown }) => {
      const why = signal.aborted ? `in ${TIMEOUT_MS} ms` : typeof code === 'string' ? code : 'no connection';
      throw refused(`the token endpoint did not answer: ${why}`);
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

  return async (request) => {
    const credentials = await request.credentials();
    // Hashes, so that no secret is a key. Other clients of the same user have other access tokens; a tool with other
    // credentials is another client of the issuer, and so is one whose secret was rotated.
    const secrets = [request.subjectToken, credentials].map((secret) => hash('sha256', secret, 'base64'));
    const key = JSON.stringify([...secrets, request.audience, request.scopes]);
    const known = cache.get(key);
    if (known !== undefined && (known.until === undefined || now() < known.until)) return known.token;
    const cached: CachedToken = {
      token: exchange(request, credentials, (lifetimeMs) => {
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
