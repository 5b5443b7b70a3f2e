import type { JWTPayload } from 'jose';
import { refuse } from './token-form.ts';
import type { Principal } from './token-verifier.ts';

/**
 * Which claim says what, by issuer. A scope that the issuer writes with the audience before it (`<audience>/scrape`)
 * counts as what follows.
 *
 * | issuer        | client                      | scopes  | roles                                             |
 * |---------------|-----------------------------|---------|---------------------------------------------------|
 * | RFC 9068      | `client_id`                 | `scope` | `roles`                                           |
 * | Entra ID v2   | `azp` (`appid` in v1)       | `scp`   | `roles`                                           |
 * | Okta          | `cid`                       | `scp`   | –                                                 |
 * | Auth0         | `azp`, `client_id`          | `scope` | `permissions`                                     |
 * | Keycloak      | `azp`                       | `scope` | `resource_access.<audience>`, `realm_access`      |
 * | Cognito       | `client_id`                 | `scope` | `cognito:groups`                                  |
 *
 * Entra: set the application's `requestedAccessTokenVersion` to 2, or `iss` is another one than the metadata's.
 * Cognito: its tokens have an `aud` only when the client asks with `resource` (resource binding, managed login);
 * without one they are refused, because `client_id` says who asked and not for which server.
 * `groups` is not read: it names people's departments, which nobody reviews as permissions of this server.
 */
const CLIENT_CLAIMS = ['azp', 'client_id', 'cid', 'appid', 'sub'] as const;

export interface PrincipalOptions {
  readonly audience: string;
  /** The scopes that tools need: a role counts only if it is named like one of them. */
  readonly scopes: ReadonlySet<string>;
}

/** Who a checked token stands for, and what that client may do. @throws ServiceError `token_invalid` */
export function principalOf(claims: JWTPayload, options: PrincipalOptions): Principal {
  const granted = [...words(claims['scope']), ...words(claims['scp'])].map((scope) =>
    scope.startsWith(`${options.audience}/`) ? scope.slice(options.audience.length + 1) : scope,
  );
  // A client that asked for less than its user may do must get less, so roles only speak where scopes say nothing.
  const silent = !granted.some((scope) => options.scopes.has(scope));
  const roles = silent ? rolesOf(claims, options.audience).filter((role) => options.scopes.has(role)) : [];
  return { clientId: clientOf(claims), scopes: new Set([...granted, ...roles]) };
}

/** Goes into audit records and limits, so it must be one line of bounded length. */
function clientOf(claims: JWTPayload): string {
  const claim = CLIENT_CLAIMS.find((name) => claims[name] !== undefined);
  const client = claim === undefined ? undefined : claims[claim];
  if (typeof client !== 'string' || !/^[\x21-\x7e]{1,256}$/.test(client)) throw refuse('no usable client id');
  return client;
}

function rolesOf(claims: JWTPayload, audience: string): readonly string[] {
  return [
    ...words(claims['roles']),
    ...words(claims['permissions']),
    ...words(claims['cognito:groups']),
    ...words(member(claims['realm_access'], 'roles')),
    ...words(member(member(claims['resource_access'], audience), 'roles')),
  ];
}

/** A list of words, whether it is written as one string or as an array. */
function words(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((word) => word !== '');
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : [];
}

function member(value: unknown, name: string): unknown {
  const owned = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  return owned ? (value as Record<string, unknown>)[name] : undefined;
}
