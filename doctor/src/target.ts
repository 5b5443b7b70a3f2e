import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { TargetError } from './target-error.ts';

/** The one server that everything is sent to. */
export interface Target {
  readonly url: URL;
  /** Host name or address as typed, IPv6 without brackets. */
  readonly host: string;
  /** The address the host had at the start; every connection goes to it. */
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
  /** Whether nothing leaves this machine. */
  readonly loopback: boolean;
  /** Path and query of the endpoint. */
  readonly path: string;
}

/** @throws TargetError when the URL is none of an HTTP server, or its host has no address */
export async function resolveTarget(typed: string): Promise<Target> {
  const url = URL.parse(typed);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new TargetError('usage', `the URL must be http or https, got ${JSON.stringify(typed)}`);
  }
  // Credentials in an argument stand in process lists, and a fragment is never sent.
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new TargetError('usage', 'the URL must have neither credentials nor a fragment');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  const address = isIP(host) ? host : await addressOf(host);
  return {
    url,
    host,
    address,
    port: Number(url.port) || (secure ? 443 : 80),
    secure,
    loopback: address === '::1' || address.startsWith('127.'),
    path: `${url.pathname}${url.search}`,
  };
}

/** Shortest value of a query, in characters, that is looked for in answers: a shorter one is part of any text. */
const MIN_KEY_LENGTH = 8;

/** What stands in the query and may be a key: servers repeat what they were asked. */
export function keysIn(url: URL): string[] {
  return [...url.searchParams.values()].filter(({ length }) => length >= MIN_KEY_LENGTH);
}

/** The URL without the values of its query. */
export function shownUrl(url: URL): string {
  const shown = new URL(url);
  for (const name of new Set(url.searchParams.keys())) shown.searchParams.set(name, 'REDACTED');
  return shown.href;
}

async function addressOf(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new TargetError('unreachable', `${host} has no address (${(error as NodeJS.ErrnoException).code})`);
  }
}
