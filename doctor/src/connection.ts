import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Target } from './target.ts';

/** How the server is connected to, once it is known whether its certificate is good. */
export interface Connection extends Pick<Target, 'host' | 'address' | 'port' | 'secure'> {
  /** PEM of the authorities believed. @default - Node's own */
  readonly ca?: string | undefined;
  /** Whether a certificate that is not good ends the connection. Without that no token is ever sent. */
  readonly verified: boolean;
}

/** Options of a TLS connection to the address that was looked up, for the name that was typed. */
export function tlsOptions({ host, address, port, ca, verified }: Connection): ConnectionOptions {
  return {
    host: address,
    port,
    // An address is not a name that a server could be asked for.
    servername: isIP(host) ? '' : host,
    rejectUnauthorized: verified,
    ...(ca === undefined ? {} : { ca }),
    // Old keys and signatures are findings, not a reason to see nothing.
    ...(verified ? {} : { ciphers: 'DEFAULT@SECLEVEL=0' }),
  };
}
