/**
 * Names that never belong to a public web server: the IANA Special-Use Domain Names registry (RFC 6761), ICANN's
 * reservation of `internal`, and suffixes of private networks (RFC 6762 appendix G, RFC 8375).
 */
const PRIVATE_SUFFIXES: readonly string[] = [
  'alt',
  'arpa',
  'corp',
  'example',
  'home',
  'internal',
  'intranet',
  'invalid',
  'lan',
  'local',
  'localdomain',
  'localhost',
  'onion',
  'private',
  'test',
];

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * Why a host name cannot belong to a public web server, judged by its text alone.
 *
 * @param hostname as WHATWG URL serializes it: lower case, IDN as punycode
 * @returns undefined when the name may be resolved
 */
export function privateName(hostname: string): string | undefined {
  // A trailing dot names the same host. Only one spelling is allowed, so that every comparison is exact.
  if (hostname.endsWith('.')) return 'trailing dot';
  const labels = hostname.split('.');
  if (labels.length < 2) return 'no dot in the name';
  if (hostname.length > 253 || !labels.every((label) => LABEL.test(label))) return 'not a DNS name';
  const suffix = labels.at(-1) ?? '';
  return PRIVATE_SUFFIXES.includes(suffix) ? `special-use name .${suffix}` : undefined;
}

/**
 * Whether a host name is on an allow-list, compared label by label and never by substring.
 *
 * @param entries `example.com` matches that host only, `*.example.com` any subdomain at any depth but not the apex, `*`
 * every host; lower case
 */
export function isAllowedDomain(entries: readonly string[], hostname: string): boolean {
  return entries.some((entry) => {
    if (entry === '*') return true;
    if (!entry.startsWith('*.')) return hostname === entry;
    const suffix = entry.slice(1);
    return hostname.endsWith(suffix) && hostname.length > suffix.length;
  });
}
