import { X509Certificate } from 'node:crypto';
import { connect, type SecureVersion } from 'node:tls';
import { type Connection, tlsOptions } from './connection.ts';

export interface Handshake {
  /** For example `TLSv1.3`. Absent if the handshake failed. */
  readonly protocol: string | undefined;
  readonly cipher: string | undefined;
  readonly certificate: X509Certificate | undefined;
  /** Error code for the certificate chain or the host name. */
  readonly distrust: string | undefined;
  /** Error code that ended the handshake. */
  readonly failure: string | undefined;
}

export interface HandshakeOffer {
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  /** OpenSSL cipher list. OpenSSL on this machine ignores suites that it does not know. */
  readonly ciphers?: string;
}

const NOTHING = { protocol: undefined, cipher: undefined, certificate: undefined, distrust: undefined };

/** Connects with exactly this offer, reports the server's choice and closes the connection. */
export function handshake(
  connection: Connection,
  offer: HandshakeOffer,
  timeoutMs: number,
): Promise<Handshake> {
  return new Promise((resolve) => {
    const fail = (failure: string) => resolve({ ...NOTHING, failure });
    let socket: ReturnType<typeof connect>;
    try {
      socket = connect({ ...tlsOptions({ ...connection, verified: false }), ...offer });
    } catch (error) {
      fail(`not offered: ${(error as NodeJS.ErrnoException).code}`);
      return;
    }
    const timer = setTimeout(() => {
      fail('timeout');
      socket.destroy();
    }, timeoutMs);
    socket.once('secureConnect', () => {
      const { raw } = socket.getPeerCertificate();
      resolve({
        protocol: socket.getProtocol() ?? undefined,
        cipher: socket.getCipher().standardName,
        certificate: raw === undefined ? undefined : parse(raw),
        // A code at run time, although the types state an Error.
        distrust: socket.authorizationError ? String(socket.authorizationError) : undefined,
        failure: undefined,
      });
      socket.destroy();
    });
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) => fail(code ?? message));
    socket.once('close', () => {
      clearTimeout(timer);
      fail('closed');
    });
  });
}

function parse(raw: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(raw);
  } catch {
    return undefined;
  }
}
