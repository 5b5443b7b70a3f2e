import type { LookupAddress } from 'node:dns';
import { Resolver as DnsResolver, lookup } from 'node:dns/promises';

/** Finds all addresses of a host name. Rejects with an error whose `code` names the cause. */
export type Resolver = (hostname: string, signal: AbortSignal) => Promise<readonly LookupAddress[]>;

/** Timeout of one attempt at one server, in milliseconds. */
const TIMEOUT_MS = 2_000;
const TRIES = 2;
/** Maximum addresses of a name. A public name has a handful; checking the possible 6,000 would take long. */
const MAX_ADDRESSES = 64;

/**
 * Queries the system's DNS servers directly, and can be cancelled. The operating system's resolver would hold a thread
 * of a small pool for any time, so that a few slow names would block every lookup.
 */
export const resolveName: Resolver = async (hostname, signal) => {
  const resolver = new DnsResolver({ timeout: TIMEOUT_MS, tries: TRIES });
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = [
      ...(v4.status === 'fulfilled' ? v4.value.map((address) => ({ address, family: 4 })) : []),
      ...(v6.status === 'fulfilled' ? v6.value.map((address) => ({ address, family: 6 })) : []),
    ];
    // A name may have addresses of one family only; it fails when it has none at all.
    if (addresses.length === 0 && v4.status === 'rejected') throw v4.reason;
    if (addresses.length > MAX_ADDRESSES) {
      throw Object.assign(new Error(`more than ${MAX_ADDRESSES} addresses`), { code: 'TOO_MANY_ADDRESSES' });
    }
    return addresses;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
};

/** Resolves through the operating system, including the hosts file: for names in SCRAPE_LOCAL_ORIGINS. */
export const resolveLocalName: Resolver = (hostname) => lookup(hostname, { all: true });
