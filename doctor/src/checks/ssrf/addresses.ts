import type { Canary } from '../../canary.ts';
import type { Check } from '../../check.ts';
import { type Lure, MAX_ARGUMENTS, refusesLures } from './follow-urls.ts';

/** Every notation of this machine that resolvers and URL parsers accept. */
const LOOPBACK = ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0.0.0.0', '[::ffff:127.0.0.1]'];
const PRIVATE = [
  'http://[::1]:9/',
  'http://10.0.0.1:9/',
  'http://[::ffff:169.254.169.254]/latest/meta-data/',
  'http://169.254.169.254/latest/meta-data/',
  'https://169.254.169.254/latest/meta-data/',
  'http://169.254.170.2/v2/credentials',
  'http://metadata.google.internal/computeMetadata/v1/',
];

/** The canary if the server can reach it. Nothing usually listens on port 9. */
function luresFor(canary: Canary | undefined): readonly Lure[] {
  const { hostname, port, pathname } = canary?.url ?? new URL('http://127.0.0.1:9/');
  const isLocal = hostname === '127.0.0.1';
  const hosts = isLocal ? LOOPBACK : [hostname, ...LOOPBACK];
  const loopback = hosts.flatMap((host) => {
    const isCanary = canary !== undefined && (isLocal || host === hostname);
    const address = `${host}:${isCanary ? port : 9}${isCanary ? pathname : '/'}`;
    const schemes = host === hosts[0] ? ['http', 'https'] : ['http'];
    return schemes.map((scheme) => ({
      url: `${scheme}://${address}`,
      isCanary,
      ...(canary === undefined ? {} : { content: canary.content }),
    }));
  });
  return [...loopback, ...PRIVATE.map((url) => ({ url }))];
}

export const ssrfAddresses: Check = {
  id: 'ssrf/addresses',
  title: 'Tools do not fetch private addresses or cloud metadata, in any notation',
  fault: 'Tools fetch private addresses or cloud metadata',
  severity: 'high',
  why: 'A prompt makes the tool read the credentials of the machine, or pages that only its network reaches',
  sends: `tools/call with a harmless URL and then with ${LOOPBACK.length + 1 + PRIVATE.length} URLs of private addresses, for up to ${MAX_ARGUMENTS} arguments of tools that may be called; a listener on this machine notices connections`,
  fix: 'Resolve the name, refuse every special-purpose address, and connect to the address that you checked',
  frameworks: {
    'Node.js': 'an undici Agent whose connect checks the address, also after redirects',
    'FastMCP (Python)': 'a transport for httpx that checks the address it connects to',
    Go: 'net.Dialer.Control refuses private addresses',
  },
  reference: 'MCP 2026-07-28 Security Best Practices, SSRF; CWE-918; RFC 6890',
  baseline: 'access',
  run: (probe) => refusesLures(probe, luresFor),
};
