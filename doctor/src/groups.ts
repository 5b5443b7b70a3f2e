import { ALL_CHECKS } from './all-checks.ts';
import type { Finding } from './check.ts';

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

/** Sorts findings by group. */
export function inGroups(findings: readonly Finding[]): readonly Finding[] {
  const order = ALL_CHECKS.map(({ id }) => id);
  const place = (finding: Finding) => GROUPS.indexOf(groupOf(finding)) * 1000 + order.indexOf(finding.id);
  return [...findings].sort((a, b) => place(a) - place(b));
}

export function groupOf({ id }: { readonly id: string }): string {
  return id.slice(0, id.indexOf('/'));
}
