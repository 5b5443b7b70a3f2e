import { audience, httpsUrl, issuer, type Read, required, scopePrefix, type Unchecked } from './variables.ts';

/** `MCP_AUTH_MODE=oauth`: the issuer whose tokens are accepted. */
export interface OAuthEnvironment {
  /** The issuer's exact identifier: https; http for loopback in the local profile. Required. */
  readonly issuer: string;
  /** Audience that a token's `aud` must contain. @default - the public URL, which MCP clients ask for (RFC 8707) */
  readonly audience: string;
  /** URL of the issuer's keys. @default - `jwks_uri` of the issuer's metadata */
  readonly jwksUrl?: URL | undefined;
  /**
   * Text that clients must write before a scope, such as `api://CLIENT_ID/`, for an issuer that does not accept short
   * names; 1–512 printable ASCII characters without blanks and quotes.
   *
   * @default - nothing
   */
  readonly scopePrefix?: string | undefined;
}

export const OAUTH_VARIABLES = [
  'MCP_OAUTH_ISSUER',
  'MCP_OAUTH_AUDIENCE',
  'MCP_OAUTH_JWKS_URL',
  'MCP_OAUTH_SCOPE_PREFIX',
] as const;

type OAuthVariable = (typeof OAUTH_VARIABLES)[number];

/** Clients get access through a token list or an issuer. Neither mode accepts the other's variables. */
export type AccessVariables =
  | (Access<'tokens', 'MCP_AUTH_TOKENS'> & { readonly [Name in OAuthVariable]?: never })
  | (Access<'oauth', OAuthVariable> & { readonly MCP_AUTH_TOKENS?: never });

type Access<Mode extends string, Name extends string> = { readonly MCP_AUTH_MODE: Mode } & {
  readonly [Variable in Name]: string;
};

export function readOAuth(
  read: Read<OAuthVariable>,
  { deployed, publicUrl }: { deployed: boolean; publicUrl: URL | undefined },
): Unchecked<OAuthEnvironment> {
  return {
    issuer: read('MCP_OAUTH_ISSUER', issuer(deployed), required),
    audience: read('MCP_OAUTH_AUDIENCE', audience, publicUrl?.href ?? ''),
    jwksUrl: read('MCP_OAUTH_JWKS_URL', httpsUrl(deployed), undefined),
    scopePrefix: read('MCP_OAUTH_SCOPE_PREFIX', scopePrefix, undefined),
  };
}
