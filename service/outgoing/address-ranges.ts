import { isIPv4, isIPv6 } from 'node:net';

/**
 * Addresses that never belong to a public web server: every block of the IANA IPv4 Special-Purpose Address Registry
 * (RFC 6890, 8190; including globally reachable entries such as AS112, which serve no pages), multicast (RFC 5771),
 * class E (RFC 1112), and cloud metadata services at other addresses. The first match names the range.
 */
const IPV4_RANGES: readonly Range[] = ranges(parseIpv4, [
  ['169.254.169.254/32', 'cloud metadata service'],
  ['169.254.170.2/32', 'ECS task metadata and credentials'],
  ['169.254.170.23/32', 'EKS pod identity credentials'],
  ['100.100.100.200/32', 'cloud metadata service'],
  ['168.63.129.16/32', 'Azure platform endpoint'],
  ['0.0.0.0/8', 'this network'],
  ['10.0.0.0/8', 'private use'],
  ['100.64.0.0/10', 'shared address space (CGNAT)'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link local'],
  ['172.16.0.0/12', 'private use'],
  ['192.0.0.0/24', 'IETF protocol assignments'],
  ['192.0.2.0/24', 'documentation (TEST-NET-1)'],
  ['192.31.196.0/24', 'AS112'],
  ['192.52.193.0/24', 'AMT'],
  ['192.88.99.0/24', '6to4 relay anycast'],
  ['192.168.0.0/16', 'private use'],
  ['192.175.48.0/24', 'AS112'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation (TEST-NET-2)'],
  ['203.0.113.0/24', 'documentation (TEST-NET-3)'],
  ['224.0.0.0/4', 'multicast'],
  ['255.255.255.255/32', 'limited broadcast'],
  ['240.0.0.0/4', 'reserved'],
]);

/**
 * The same for IPv6: the IANA IPv6 Special-Purpose Address Registry, and the blocks that embed an IPv4 address,
 * whatever that address is. Everything outside 2000::/3, the only global unicast space that IANA has allocated, is not
 * public.
 */
const IPV6_RANGES: readonly Range[] = ranges(parseIpv6, [
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::ffff:0:0/96', 'IPv4-mapped'],
  ['::ffff:0:0:0/96', 'IPv4-translated (SIIT)'],
  ['::/96', 'IPv4-compatible'],
  ['64:ff9b::/96', 'NAT64'],
  ['64:ff9b:1::/48', 'local-use NAT64'],
  ['100::/64', 'discard only'],
  ['100:0:0:1::/64', 'dummy prefix'],
  ['2001::/32', 'Teredo'],
  ['2001:20::/28', 'ORCHIDv2'],
  ['2001::/23', 'IETF protocol assignments'],
  ['2001:db8::/32', 'documentation'],
  ['2002::/16', '6to4'],
  ['2620:4f:8000::/48', 'AS112'],
  ['3fff::/20', 'documentation'],
  ['5f00::/16', 'SRv6 segment identifiers'],
  ['fd00:ec2::/32', 'AWS link services (metadata, DNS, time)'],
  ['fc00::/7', 'unique local'],
  ['fe80::/10', 'link local'],
  ['fec0::/10', 'site local'],
  ['ff00::/8', 'multicast'],
]);

/** The ranges that organizations use inside their own networks: RFC 1918, and RFC 4193 without AWS's link services. */
export const PRIVATE_RANGES: ReadonlySet<string> = new Set(['private use', 'unique local']);

const GLOBAL_UNICAST = ranges(parseIpv6, [['2000::/3', 'global unicast']]);

interface Range {
  readonly name: string;
  readonly prefix: bigint;
  /** Number of low bits of an address that are not part of the prefix. */
  readonly hostBits: bigint;
}

/**
 * Names the special-purpose range of an address, for the audit record.
 *
 * @param address as text; anything that is not a plain IP address, including one with a zone (`fe80::1%eth0`), counts
 * as special
 * @returns undefined for a public address
 */
export function specialRange(address: string): string | undefined {
  if (isIPv4(address)) return find(IPV4_RANGES, parseIpv4(address));
  if (!isIPv6(address) || address.includes('%')) return 'not a plain IP address';
  const value = parseIpv6(address);
  const special = find(IPV6_RANGES, value);
  return special ?? (find(GLOBAL_UNICAST, value) ? undefined : 'not global unicast');
}

function find(table: readonly Range[], value: bigint): string | undefined {
  return table.find(({ prefix, hostBits }) => value >> hostBits === prefix)?.name;
}

function ranges(
  parse: (address: string) => bigint,
  table: readonly (readonly [cidr: string, name: string])[],
): readonly Range[] {
  const bits = parse === parseIpv4 ? 32 : 128;
  return table.map(([cidr, name]) => {
    const [address = '', length] = cidr.split('/');
    const hostBits = BigInt(bits - Number(length));
    return { name, prefix: parse(address) >> hostBits, hostBits };
  });
}

function parseIpv4(address: string): bigint {
  return address.split('.').reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

/** @param address text that `isIPv6` accepts, without a zone */
function parseIpv6(address: string): bigint {
  const hex = address.replace(/[\d.]+$/, (tail) => {
    if (!tail.includes('.')) return tail;
    const value = parseIpv4(tail);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}
