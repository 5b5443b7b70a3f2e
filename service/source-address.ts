import { isIPv4, isIPv6 } from 'node:net';

/**
 * The client address that the outermost trusted proxy saw. Each trusted proxy appends to `X-Forwarded-For` the address
 * that connected to it, so it is the entry at this position from the right. Entries left of it come from the client and
 * are ignored.
 *
 * @param lines lines of the header in order of arrival, which form one list (RFC 9110 §5.3)
 * @param hops trusted proxies; with 0 no entry counts
 * @returns undefined when that entry is missing or not an IP address, so no proxy wrote it
 */
export function forwardedAddress(lines: readonly string[], hops: number): string | undefined {
  const entry = hops > 0 ? lines.join(',').split(',').at(-hops) : undefined;
  const [, bracketed, ipv4, bare] = ENTRY.exec(entry?.trim() ?? '') ?? [];
  return canonicalAddress(bracketed ?? ipv4 ?? bare);
}

/** `[IPv6]` and IPv4 with or without a port; bare IPv6 has no port, because it could not be told from a last group. */
const ENTRY = /^(?:\[(?![\d.]*\])([^\]]+)\](?::\d{1,5})?|([\d.]+)(?::\d{1,5})?|([^[\]]+))$/;

/**
 * An address in its only spelling: IPv6 as in RFC 5952, IPv4 mapped into IPv6 as IPv4, without a zone, which only names
 * a local interface.
 *
 * @returns undefined for text that is not an IP address
 */
export function canonicalAddress(text: string | undefined): string | undefined {
  if (text === undefined || isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  const address = URL.parse(`http://[${text.replace(/%.*/, '')}]`)?.hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(address ?? '') ?? [];
  if (high === undefined || low === undefined) return address;
  return [high, low]
    .flatMap((hex) => [Number.parseInt(hex, 16) >> 8, Number.parseInt(hex, 16) & 255])
    .join('.');
}

/**
 * The unit that limits count by: an IPv4 address, or the /64 of an IPv6 one, in which a host may take as many addresses
 * as it likes (RFC 8981).
 *
 * @param address in its canonical spelling
 */
export function networkOf(address = 'unknown'): string {
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  const prefix = [...left, ...zeros, ...right].slice(0, 4).join(':');
  return `${canonicalAddress(`${prefix}::`)}/64`;
}
