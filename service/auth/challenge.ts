const REALM = 'Bearer realm="mcp"';

/** A `WWW-Authenticate` header of the Bearer scheme (RFC 6750 §3) with these parameters. */
export function challenge(...parameters: string[]): { 'WWW-Authenticate': string } {
  return { 'WWW-Authenticate': [REALM, ...parameters].join(', ') };
}
