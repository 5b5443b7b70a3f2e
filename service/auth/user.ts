import { hash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { refuse } from './token-form.ts';
import type { User } from './token-verifier.ts';

/**
 * Claims that identify a person, each with the claim that shows whose token it is. `sub` is the last: Entra ID gives
 * each application another `sub` of the same person and the same `oid`; the `sub` of Okta is the login name, which can
 * be an e-mail address, and `uid` is the identifier.
 */
const SUBJECT_CLAIMS = [
  ['oid', 'tid'],
  ['uid', 'cid'],
  ['sub', 'sub'],
] as const;

/** An identifier that is recorded as it is. One with an `@` can be an e-mail address. */
export const IDENTIFIER = /^[\x21-\x3f\x41-\x7e]{1,128}$/;

/**
 * Returns the person for whom a client acts, or undefined when the token belongs to the client itself.
 *
 * @param claims of a checked token
 * @param clientId the client that the token names
 * @throws ServiceError `token_invalid` for a `sub` that is not a text (RFC 7519 §4.1.2): without its user, the token would
 * have the limits of the client, and no administrator could deny the user
 */
export function userOf(claims: JWTPayload, clientId: string): User | undefined {
  if (claims.sub !== undefined && !isText(claims.sub)) throw refuse('claim sub');
  const [name = 'sub'] = SUBJECT_CLAIMS.find((names) => names.every((each) => isText(claims[each]))) ?? [];
  const subject = claims[name];
  if (!isText(subject) || isOfClient(claims, clientId, name)) return undefined;
  const issuer = claims.iss ?? '';
  return { issuer, subject: subjectText(issuer, subject) };
}

/** Before a hash. A subject that begins so is hashed too, or a person could take the pseudonym of another as a name. */
const PSEUDONYM = 'sha256:';

/**
 * The recorded form of a subject. One that could be an e-mail address or a name becomes `sha256:` and the base64url
 * SHA-256 of issuer, line feed and subject: a pseudonym, which an operator who knows the subject can compute.
 */
export function subjectText(issuer: string, subject: string): string {
  return IDENTIFIER.test(subject) && !subject.startsWith(PSEUDONYM)
    ? subject
    : `${PSEUDONYM}${hash('sha256', `${issuer}\n${subject}`, 'base64url')}`;
}

/**
 * Whether a token was issued to the client for itself (RFC 6749 §4.4). `sub` is then the client (RFC 9068 §2.2), and
 * each of these issuers also shows it in its own way: Auth0 by `gty` and `<client>@clients`, Entra ID by `idtyp` or by
 * the absence of `scp`, Keycloak by the name of the service account and `clientHost`. People may choose a login name, so a
 * name alone shows nothing; in doubt the token has a user.
 *
 * @param subject the claim that identifies the person, if there is one
 */
function isOfClient(claims: JWTPayload, clientId: string, subject: 'oid' | 'uid' | 'sub'): boolean {
  if (claims['gty'] === 'client-credentials' || claims['idtyp'] === 'app') return true;
  if (subject !== 'sub') return subject === 'oid' && claims['scp'] === undefined;
  if (claims.sub === clientId || claims.sub === `${clientId}@clients`) return true;
  const name = claims['preferred_username'];
  return name === `service-account-${clientId.toLowerCase()}` && isText(claims['clientHost']);
}

function isText(claim: unknown): claim is string {
  return typeof claim === 'string' && claim !== '';
}
