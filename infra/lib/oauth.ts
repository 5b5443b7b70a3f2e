/** Where a client without a token learns whose it needs (RFC 9728 §3.1); the service answers there in oauth mode. */
export const METADATA_PATHS: readonly string[] = [
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp',
];
