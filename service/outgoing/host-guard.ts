import { isAllowedDomain } from './host-names.ts';
import { type Resolver, resolveName } from './resolver.ts';
import { addressLiteral, lookUp, parseUrl, refused, refuseSpecial, type UrlGuard } from './url-guard.ts';

/** A host that a tool may connect to. */
export interface AllowedHost {
  /** An exact name or `*.example.com`, in lower case, IDN as punycode. */
  readonly name: string;
  readonly protocol: 'https:' | 'http:';
  /** Whether it may have an address of a private network. Loopback, link-local and other addresses stay refused. */
  readonly internal: boolean;
}

/** A guard that also tells which hosts are internal. */
export interface HostGuard extends UrlGuard {
  isInternal(url: URL): boolean;
}

/**
 * Allows exactly the listed hosts, each with its scheme and the default port. A URL with an address is refused, and so is
 * a name with an address that the host may not have.
 *
 * @param resolve @default - the system's DNS servers, all addresses of both families
 */
export function createHostGuard(hosts: readonly AllowedHost[], resolve: Resolver = resolveName): HostGuard {
  const find = ({ protocol, hostname }: URL) =>
    hosts.find((host) => host.protocol === protocol && isAllowedDomain([host.name], hostname));
  const isInternal = (url: URL) => find(url)?.internal === true;
  return {
    isInternal,
    check(text) {
      const url = parseUrl(text);
      if (url.port !== '') throw refused(`port ${url.port}`);
      if (addressLiteral(url) !== undefined || find(url) === undefined) {
        throw refused(`${url.protocol}//${url.hostname} is not one of the tool's hosts`);
      }
      return url;
    },
    async resolve(url, signal) {
      const mayBePrivate = isInternal(url);
      const addresses = await lookUp(resolve, url.hostname, signal);
      for (const address of addresses) refuseSpecial(address, mayBePrivate);
      return addresses;
    },
  };
}
