import { METADATA_PATH } from '../environment/bounds.ts';

/** Protected-resource metadata, RFC 9728 §2. */
export interface ProtectedResource {
  /** The public URL exactly: clients compare it with what they were told to call (RFC 9728 §3.3). */
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  /** What clients ask for to use the tools, and nothing that merely exists at the issuer. */
  readonly scopes_supported: readonly string[];
  readonly bearer_methods_supported: readonly ['header'];
}

export interface ProtectedResourceOptions {
  readonly publicUrl: URL;
  /** The issuer's identifier as it writes it, trailing slash and all. */
  readonly issuer: string;
  /** The scopes of each tool. */
  readonly toolScopes: readonly (readonly string[])[];
  /** What the issuer wants to read before each scope. @default - nothing */
  readonly scopePrefix?: string | undefined;
}

export function describeResource(options: ProtectedResourceOptions): ProtectedResource {
  const { scopePrefix = '' } = options;
  const scopes = [...new Set(options.toolScopes.flat())].sort();
  return {
    resource: options.publicUrl.href,
    authorization_servers: [options.issuer],
    scopes_supported: scopes.map((scope) => `${scopePrefix}${scope}`),
    bearer_methods_supported: ['header'],
  };
}

/** Address of the metadata of this resource: the path-specific one, which also works where several share a host. */
export function metadataUrl(publicUrl: URL): string {
  return `${publicUrl.origin}${METADATA_PATH}${publicUrl.pathname}`;
}

/**
 * What a client should ask for at first: the scopes that every tool needs. What single tools need on top, their own
 * challenge asks for when they are called. None in common means none named; clients then take `scopes_supported`.
 */
export function commonScopes(toolScopes: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = toolScopes;
  return first.filter((scope) => others.every((scopes) => scopes.includes(scope)));
}
