/** In the order in which a request passes through them. */
export const GROUPS = [
  ...[
    'tls',
    'certificate',
    'plain-http',
    'headers',
    'authentication',
    'metadata',
    'issuer',
    'origin',
    'host',
  ],
  ...['surface', 'bodies', 'json-rpc', 'mismatch', 'eras', 'sessions', 'ssrf', 'injection', 'definitions'],
  ...['leakage', 'rate-limits'],
];

export function groupOf({ id }: { readonly id: string }): string {
  return id.slice(0, id.indexOf('/'));
}
