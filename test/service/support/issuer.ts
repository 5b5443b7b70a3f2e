import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CompactSign,
  type CryptoKey,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  type JWK,
  type JWTPayload,
} from 'jose';
import { leaks } from './leaks.ts';

export interface SigningKey {
  readonly alg: string;
  readonly privateKey: CryptoKey;
  /** Its published form. */
  readonly jwk: JWK;
}

export async function createSigningKey(kid: string | undefined, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  await privateKeyIsSecret(privateKey);
  const named = kid === undefined ? {} : { kid };
  return { alg, privateKey, jwk: { ...(await exportJWK(publicKey)), ...named, alg, use: 'sig' } };
}

/** Registers a private key as secret in the check of the test file, in every form. */
export async function privateKeyIsSecret(key: CryptoKey): Promise<void> {
  const pem = await exportPKCS8(key);
  leaks.secret('private key', pem);
  leaks.secret('private key', pem.replaceAll(/-----.*-----|\n/g, ''));
  const { d, p, q, dp, dq, qi } = await exportJWK(key);
  for (const member of [d, p, q, dp, dq, qi]) leaks.secret('private key', member ?? '');
}

export interface IssuerStandIn {
  readonly url: string;
  /** The document at `/jwks`; change it at will. */
  jwks: unknown;
  /** The metadata; change it at will. */
  metadata: Record<string, unknown>;
  /** How often the key set was fetched. */
  fetches(): number;
  /** How often anything was fetched. */
  requests(): number;
  /** While set, handles every request in place of the issuer. */
  behaviour: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  close(): Promise<void>;
}

/** An issuer on loopback that a test controls. */
export async function startIssuer(keys: readonly SigningKey[], path = ''): Promise<IssuerStandIn> {
  let fetches = 0;
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    if (request.url === '/jwks') fetches += 1;
    if (issuer.behaviour !== undefined) return issuer.behaviour(request, response);
    const answer = (document: unknown) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(typeof document === 'string' ? document : JSON.stringify(document));
    if (request.url === '/jwks') return answer(issuer.jwks);
    if (request.url === `${path}/.well-known/openid-configuration`) return answer(issuer.metadata);
    return response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${origin}${path}`;
  const issuer: IssuerStandIn = {
    url,
    jwks: { keys: keys.map(({ jwk }) => jwk) },
    metadata: {
      issuer: url,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      jwks_uri: `${origin}/jwks`,
      code_challenge_methods_supported: ['S256'],
    },
    behaviour: undefined,
    fetches: () => fetches,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return issuer;
}

export const AUDIENCE = 'https://mcp.example.com/mcp';

/** A unique text, so that it is found wherever it leaks. */
function canary(): string {
  return `canary-${randomBytes(9).toString('hex')}`;
}

/** Claims of a valid token, with changes; `undefined` leaves one out. */
export function claimsOf(issuer: string, changes: Record<string, unknown> = {}): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  const claims: Record<string, unknown> = {
    iss: issuer,
    aud: AUDIENCE,
    sub: 'user-1',
    client_id: 'client-1',
    scope: 'echo',
    iat: now - 10,
    exp: now + 300,
    jti: canary(),
    email: `${canary()}@example.com`,
    name: `Alice ${canary()}`,
    'https://example.com/employee': canary(),
    ...changes,
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

/** A signed token with these claims; header members of value `undefined` are left out. */
export function sign(key: SigningKey, claims: JWTPayload, header?: Record<string, unknown>): Promise<string> {
  return signText(key, JSON.stringify(claims), header);
}

/** Any text as a signed payload. */
export async function signText(
  key: SigningKey,
  text: string,
  header: Record<string, unknown> = {},
): Promise<string> {
  const all: Record<string, unknown> = { alg: key.alg, kid: key.jwk.kid, typ: 'at+jwt', ...header };
  const members = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const crit = Object.fromEntries(((members['crit'] ?? []) as string[]).map((name) => [name, true]));
  const token = await new CompactSign(Buffer.from(text))
    .setProtectedHeader(members as { alg: string })
    .sign(key.privateKey, { crit });
  leaks.token(token);
  return token;
}

export function base64url(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}
