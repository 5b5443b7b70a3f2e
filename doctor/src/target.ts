import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { TargetError } from './target-error.ts';

/** The server under test. The doctor connects to no other. */
export interface Target {
  readonly url: URL;
  /** Host name or IP address from the URL, IPv6 without brackets. */
  readonly host: string;
  /** The first address of the host that accepted a connection at the start. Every connection goes to it. */
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
  /** Whether the address is on this machine. */
  readonly loopback: boolean;
  /** Path and query of the endpoint. */
  readonly path: string;
}

/** @throws TargetError if the URL is not http or https, or its host does not resolve */
export async function resolveTarget(typed: string): Promise<Target> {
  const url = URL.parse(typed);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new TargetError('usage', `the URL must be http or https, got ${JSON.stringify(typed)}`);
  }
  // Process lists show arguments, and HTTP does not send fragments.
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new TargetError('usage', 'the URL must not contain credentials or a fragment');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  const port = Number(url.port) || (secure ? 443 : 80);
  const address = isIP(host) ? host : await addressOf(host, port);
  return {
    ...{ url, host, address, port },
    secure,
    loopback: address === '::1' || address.startsWith('127.'),
    path: `${url.pathname}${url.search}`,
  };
}

/** Shortest query value that is redacted, in characters. Shorter values occur in ordinary text. */
const MIN_KEY_LENGTH = 8;

/** Values in the query that may be keys. Servers may repeat them in responses. */
export function keysIn(url: URL): string[] {
  return [...url.searchParams.values()].filter(({ length }) => length >= MIN_KEY_LENGTH);
}

/** The URL with its query values redacted. */
export function shownUrl(url: URL): string {
  const shown = new URL(url);
  for (const name of new Set(url.searchParams.keys())) shown.searchParams.set(name, 'REDACTED');
  return shown.href;
}

/** Like browsers, which use an address of IPv4 if the server does not listen on the one of IPv6. */
async function addressOf(host: string, port: number): Promise<string> {
  let addresses: string[];
  try {
    addresses = (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw new TargetError(
      'unreachable',
      `${host} does not resolve (${(error as NodeJS.ErrnoException).code})`,
    );
  }
  const [first = host, ...others] = addresses;
  if (others.length === 0) return first;
  for (const address of addresses) if (await accepts(address, port)) return address;
  return first;
}

const CONNECT_MS = 2000;

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const finish = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false)).once('timeout', () => finish(false));
  });
}
