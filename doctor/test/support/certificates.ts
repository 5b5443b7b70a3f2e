import type { Server, Socket } from 'node:net';
import { generate } from 'selfsigned';

export interface CertificateOptions {
  /** IP address in subjectAltName. @default '127.0.0.1' */
  readonly ip?: string;
  /** @default - P-256 */
  readonly rsaBits?: number;
  /** Days until it expires; negative if it has expired. @default 365 */
  readonly daysLeft?: number;
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;

/** A self-signed certificate for a loopback address. */
export async function createCertificate(options: CertificateOptions = {}): Promise<Certificate> {
  const { ip = '127.0.0.1', rsaBits, daysLeft = 365 } = options;
  const kind =
    rsaBits === undefined
      ? ({ keyType: 'ec', curve: 'P-256' } as const)
      : ({ keyType: 'rsa', keySize: rsaBits } as const);
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'doctor' }], {
    ...kind,
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 30 * DAY_MS),
    notAfterDate: new Date(Date.now() + daysLeft * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip }] },
    ],
  });
  return { cert, key };
}

/** Selects the server for a connection by its first bytes. */
export function byFirstBytes(usual: Server, other: Server, isForOther: (bytes: Buffer) => boolean) {
  return (socket: Socket): void => {
    socket.once('data', (bytes) => {
      socket.pause();
      socket.unshift(bytes);
      (isForOther(bytes) ? other : usual).emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
    socket.on('error', () => socket.destroy());
  };
}
