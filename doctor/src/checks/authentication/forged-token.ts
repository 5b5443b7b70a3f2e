import { createHmac } from 'node:crypto';
import type { Check } from '../../check.ts';
import type { Probe } from '../../probe.ts';
import { bearer, tryCredentials } from './try-credential.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Tokens with a forged signature. They carry the claims of the real token if that is a JWT. */
function forgeries({ target, options }: Probe): string[] {
  const [header = '', payload = '', signature = ''] = options.token?.split('.') ?? [];
  const real = claimsOf(payload);
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const made = {
    iss: target.url.origin,
    aud: target.url.href,
    sub: 'doctor',
    client_id: 'doctor',
    scope: 'admin',
  };
  const claims = encode({ ...made, ...real, exp });
  const none = `${encode({ alg: 'none', typ: 'at+jwt' })}.${claims}.`;
  const head = `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${claims}`;
  const weak = ['', 'secret'].map(
    (key) => `${head}.${createHmac('sha256', key).update(head).digest('base64url')}`,
  );
  const altered = real === undefined ? [] : [`${header}.${encode({ ...real, exp })}.${signature}`];
  // Without an algorithm, the real token has no signature that a forgery could break.
  return [none, ...weak, ...altered].filter((token) => token !== options.token);
}

function claimsOf(payload: string): object | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}

export const authenticationForgedToken: Check = {
  id: 'authentication/forged-token',
  title: 'A token with a forged signature is refused',
  fault: 'A token with a forged signature is accepted',
  severity: 'high',
  why: 'An attacker writes a token for any user and any scope',
  sends: 'a list with JWTs that use alg none, a guessable key or altered claims',
  fix: 'Verify signatures with the issuer’s keys and a fixed list of asymmetric algorithms',
  frameworks: {
    'TypeScript SDK':
      "jose: jwtVerify(token, createRemoteJWKSet(url), { issuer, audience, algorithms: ['RS256'] })",
    'FastMCP (Python)': "JWTVerifier(jwks_uri=…, issuer=…, audience=…, algorithm='RS256')",
    Spring: 'NimbusJwtDecoder.withJwkSetUri(…).jwsAlgorithm(RS256)',
  },
  reference: 'RFC 8725 §3.1, §3.2; MCP 2026-07-28 Authorization, Token Handling',
  baseline: 'denial',
  run: (probe, era) => tryCredentials(probe, era, forgeries(probe).map(bearer)),
};
