import type { JWTPayload } from 'jose';
import { refuse } from './token-form.ts';
import type { Principal } from './token-verifier.ts';
import { subjectText, userOf } from './user.ts';

/**
 * The claims that are used, by issuer. A scope with the configured prefix or the audience before it (`<audience>/scrape`)
 * counts without that prefix. Roles count only in a token without any scope, as issuers make them for applications: a
 * client that asks for fewer scopes than its user has, even if only for `openid`, gets fewer.
 *
 * | issuer        | client                      | scopes  | roles                                             |
 * |---------------|-----------------------------|---------|---------------------------------------------------|
 * | RFC 9068      | `client_id`                 | `scope` | `roles`                                           |
 * | Entra ID v2   | `azp` (`appid` in v1)       | `scp`   | `roles` of applications, whose tokens lack `scp`  |
 * | Okta          | `cid`                       | `scp`   | –                                                 |
 * | Auth0         | `azp`, `client_id`          | `scope` | `permissions`, if no scope was granted            |
 * | Keycloak      | `azp`                       | `scope` | – (`scope` is always there)                       |
 * | Cognito       | `client_id`                 | `scope` | – (`scope` is always there)                       |
 *
 * Entra: set the application's `requestedAccessTokenVersion` to 2, or `iss` differs from the metadata's.
 * Cognito: its tokens have an `aud` only when the client sends `resource` (resource binding, managed login). Tokens
 * without one are refused, because `client_id` identifies the client but not the server.
 * Keycloak: let a role decide who may have the client scope (its *Scope* tab), not who may call.
 * Groups are not read: they name people's departments, which are not reviewed as permissions of this server.
 */
const CLIENT_CLAIMS = ['azp', 'client_id', 'cid', 'appid'] as const;

export interface PrincipalOptions {
  readonly audience: string;
  /** The scopes that tools need: a role counts only if it is named like one of them. */
  readonly scopes: ReadonlySet<string>;
  /** Text that the issuer may write before a scope. @default - nothing */
  readonly scopePrefix?: string | undefined;
}

/** Returns the client and the user that a checked token identifies, and its scopes. @throws ServiceError `token_invalid` */
export function principalOf(claims: JWTPayload, options: PrincipalOptions): Principal {
  const { audience, scopePrefix = '', scopes } = options;
  const hasScopes = ['scope', 'scp'].some((name) => Object.hasOwn(claims, name));
  const granted = hasScopes
    ? [...words(claims['scope']), ...words(claims['scp'])].map((scope) =>
        withoutPrefix(scope, [scopePrefix, `${audience}/`]),
      )
    : [...words(claims['roles']), ...words(claims['permissions'])].filter((role) => scopes.has(role));
  const clientId = clientOf(claims);
  return { clientId, user: userOf(claims, clientId), scopes: new Set(granted) };
}

function withoutPrefix(scope: string, prefixes: readonly string[]): string {
  const prefix = prefixes.find((each) => each !== '' && scope.startsWith(each)) ?? '';
  return scope.slice(prefix.length);
}

/** Before the subject that stands for a client. */
const SUBJECT_PREFIX = 'sub:';

/**
 * The client id goes into audit records and limits, so it must be one line of bounded length. A token that names no
 * client is counted under its subject, with a prefix: users can often choose their name, and must not count as the
 * client of that name. No client may have an id with that prefix, because it would count as the subject.
 */
function clientOf(claims: JWTPayload): string {
  const named = CLIENT_CLAIMS.map((name) => claims[name]).find((each) => (each ?? '') !== '');
  const client = named ?? claims.sub;
  if (typeof client !== 'string' || !/^[\x21-\x7e]{1,256}$/.test(client)) throw refuse('no usable client id');
  if (named === undefined) return `${SUBJECT_PREFIX}${subjectText(claims.iss ?? '', client)}`;
  if (client.startsWith(SUBJECT_PREFIX)) throw refuse(`client id begins with ${SUBJECT_PREFIX}`);
  return client;
}

/** The words of a claim, whether it is written as one string or as an array. */
function words(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((word) => word !== '');
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : [];
}
