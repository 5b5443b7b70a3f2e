import { METADATA_PATH } from '../environment/bounds.ts';

/** Protected-resource metadata, RFC 9728 §2. */
export interface ProtectedResource {
  /** The exact public URL: clients compare it with the URL they call (RFC 9728 §3.3). */
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  /** Scopes that the tools need; no other scopes of the issuer. */
  readonly scopes_supported: readonly string[];
  readonly bearer_methods_supported: readonly ['header'];
}

export interface ProtectedResourceOptions {
  readonly publicUrl: URL;
  /** The issuer's identifier exactly as the issuer writes it, including a trailing slash. */
  readonly issuer: string;
  /** The scopes of each tool. */
  readonly toolScopes: readonly (readonly string[])[];
  /** Text that the issuer expects before each scope. @default - nothing */
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

/** URL of this resource's metadata: the path-specific one, which also works where several resources share a host. */
export function metadataUrl(publicUrl: URL): string {
  return `${publicUrl.origin}${METADATA_PATH}${publicUrl.pathname}`;
}

/**
 * Scopes that a client should ask for at first: those that every tool needs. A call of a tool that needs more is
 * refused with a challenge that names them. Without common scopes none are named, and clients use `scopes_supported`.
 */
export function commonScopes(toolScopes: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = toolScopes;
  return first.filter((scope) => others.every((scopes) => scopes.includes(scope)));
}
