import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Target } from './target.ts';

/** How the doctor connects to the server. */
export interface Connection extends Pick<Target, 'host' | 'address' | 'port' | 'secure'> {
  /** PEM of the trusted authorities. @default - the authorities of Node.js */
  readonly ca?: string | undefined;
  /** Whether an invalid certificate closes the connection. Over TLS, tokens are sent only if this is true. */
  readonly verified: boolean;
}

/** Options for a TLS connection to the resolved address, with the host name from the URL. */
export function tlsOptions({ host, address, port, ca, verified }: Connection): ConnectionOptions {
  return {
    host: address,
    port,
    // TLS sends no server name for an IP address.
    servername: isIP(host) ? '' : host,
    rejectUnauthorized: verified,
    ...(ca === undefined ? {} : { ca }),
    // Weak keys and signatures are findings, so they must not end the handshake.
    ...(verified ? {} : { ciphers: 'DEFAULT@SECLEVEL=0' }),
  };
}
