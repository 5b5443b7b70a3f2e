import { isIP } from 'node:net';
import { ServiceError } from '../errors.ts';
import { quoted } from '../logging/json-line.ts';
import { abortable } from './abortable.ts';
import { PRIVATE_RANGES, specialRange } from './address-ranges.ts';
import { isAllowedDomain, privateName } from './host-names.ts';
import { type Resolver, resolveLocalName, resolveName } from './resolver.ts';

/** Longest URL in characters; every browser and server supports this length. */
const MAX_URL_LENGTH = 2048;

const PORTS: readonly string[] = ['80', '443'];

/**
 * Schemes that attackers try in a URL fetcher, to read files or to speak other protocols from inside the network. Other
 * schemes (ftp, ws, mailto) are not supported either, but count as a mistake, not as an attack.
 */
const PROBES: ReadonlySet<string> = new Set([
  ...[
    'file:',
    'gopher:',
    'dict:',
    'ldap:',
    'ldaps:',
    'tftp:',
    'sftp:',
    'smb:',
    'jar:',
    'netdoc:',
    'php:',
    'phar:',
  ],
  ...[
    'expect:',
    'data:',
    'blob:',
    'javascript:',
    'vbscript:',
    'view-source:',
    'filesystem:',
    'unix:',
    'about:',
  ],
]);

const NO_NAME = 'the host name does not resolve';

export interface UrlGuardOptions {
  /** Hosts that may be scraped: `example.com`, `*.example.com` (any subdomain), `*` (any public host). */
  readonly allowedDomains: readonly string[];
  /** Exact origins that are allowed although private, on any port. @default none */
  readonly localOrigins?: readonly string[];
  /** @default - the system's DNS servers, all addresses of both families */
  readonly resolve?: Resolver;
}

/** Decides which URLs this process may connect to. The reason of a refusal is for the audit record only. */
export interface UrlGuard {
  /**
   * Checks a URL by its text, without resolving it.
   *
   * @throws ServiceError `input_invalid` for text that is not an http or https URL, `url_refused` for a URL that may
   * not be fetched
   */
  check(text: string): URL;
  /**
   * Resolves the host of a checked URL and checks every address; one forbidden address refuses them all.
   *
   * @returns the allowed addresses, at least one
   * @throws ServiceError `url_refused`, or `upstream_failed` when the name does not resolve
   */
  resolve(url: URL, signal: AbortSignal): Promise<readonly string[]>;
}

export function createUrlGuard(options: UrlGuardOptions): UrlGuard {
  const { allowedDomains } = options;
  const localOrigins = new Set(options.localOrigins ?? []);

  function check(text: string): URL {
    const url = parseUrl(text);
    if (localOrigins.has(url.origin)) return url;

    if (url.port !== '' && !PORTS.includes(url.port)) throw refused(`port ${url.port}`);
    const literal = addressLiteral(url);
    if (literal !== undefined) {
      refuseSpecial(literal);
      if (!allowedDomains.includes('*')) throw refused(`address ${literal} with an allow-list of domains`);
      return url;
    }
    const problem = privateName(url.hostname);
    if (problem !== undefined) throw refused(`host ${url.hostname}: ${problem}`);
    if (!isAllowedDomain(allowedDomains, url.hostname)) throw refused(`host ${url.hostname} is not allowed`);
    return url;
  }

  async function resolve(url: URL, signal: AbortSignal): Promise<readonly string[]> {
    const literal = addressLiteral(url);
    const local = localOrigins.has(url.origin);
    const resolver = options.resolve ?? (local ? resolveLocalName : resolveName);
    const addresses = literal === undefined ? await lookUp(resolver, url.hostname, signal) : [literal];
    if (!local) for (const address of addresses) refuseSpecial(address);
    return addresses;
  }

  return { check, resolve };
}

/**
 * Parses the text of a URL, and refuses what no fetch may do: other schemes, credentials, text that two readers could
 * understand differently.
 *
 * @throws ServiceError as `UrlGuard.check` does
 */
export function parseUrl(text: string): URL {
  if (text.length > MAX_URL_LENGTH) throw malformed(`more than ${MAX_URL_LENGTH} characters`);
  // WHATWG drops or rewrites these characters, so two readers of the text could see two hosts.
  if (/[\p{Cc}\\]/u.test(text)) throw refused('control character or backslash');
  if (/\p{Z}/u.test(text)) throw malformed('a blank, which must be written as %20');
  const url = URL.parse(text);
  if (url === null) throw malformed(/^https?:/i.test(text) ? 'one that is not a URL' : 'no scheme');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw ofScheme(url.protocol, text);
  if (url.href.length > MAX_URL_LENGTH) throw malformed(`more than ${MAX_URL_LENGTH} characters, encoded`);
  if (url.username !== '' || url.password !== '') throw refused('credentials in the URL');
  return url;
}

/** All addresses of a name, at least one. @throws ServiceError `upstream_failed` when it does not resolve */
export async function lookUp(
  resolver: Resolver,
  hostname: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const answers = await abortable(
    resolver(hostname, signal).catch((cause: NodeJS.ErrnoException) => {
      throw new ServiceError('upstream_failed', {
        reason: `dns ${cause.code ?? 'failed'}`,
        detail: cause.code === 'ENOTFOUND' || cause.code === 'ENODATA' ? NO_NAME : undefined,
        cause,
      });
    }),
    signal,
  );
  if (answers.length === 0)
    throw new ServiceError('upstream_failed', { reason: 'dns ENODATA', detail: NO_NAME });
  return answers.map(({ address }) => address);
}

/** The address that a URL contains, without brackets. WHATWG normalizes every IPv4 spelling to dotted decimal. */
export function addressLiteral(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? undefined : host;
}

/**
 * @param mayBePrivate whether addresses of private networks are allowed
 * @throws ServiceError `url_refused` for an address that may not be connected to
 */
export function refuseSpecial(address: string, mayBePrivate = false): void {
  const range = specialRange(address);
  if (range !== undefined && !(mayBePrivate && PRIVATE_RANGES.has(range)))
    throw refused(`address ${address} is ${range}`);
}

/** Not a policy refusal: the client can correct the URL, so the text says how. */
function malformed(got: string): ServiceError {
  const detail = `url must be an absolute http or https URL such as https://example.com/page; got ${got}`;
  return new ServiceError('input_invalid', { detail, reason: `url: ${got}` });
}

function ofScheme(protocol: string, text: string): ServiceError {
  if (PROBES.has(protocol)) return refused(`scheme ${protocol}`);
  // `example.com:8080/x` and `localhost:3000` parse as URLs whose scheme is the host.
  const host = protocol.includes('.') || /^[^/?#]*:\d/.test(text);
  return malformed(host ? 'no scheme' : `the scheme ${quoted(protocol)}`);
}

/** The same text for every refusal: the broken rule would tell an attacker how the network is built. */
export function refused(reason: string): ServiceError {
  return new ServiceError('url_refused', { reason });
}
