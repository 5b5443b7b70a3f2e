import { generate } from 'selfsigned';

export interface ServerCertificate {
  /** PEM of the authority that clients must trust. */
  readonly authority: string;
  readonly cert: string;
  readonly key: string;
}

const EC = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

/** A certificate for a name, valid for 30 days, on P-256 like the stack's, by an authority of this run only. */
export async function certificateFor(name: string): Promise<ServerCertificate> {
  const notAfterDate = new Date(Date.now() + 30 * 24 * 3600 * 1000);
  const ca = await generate([{ name: 'commonName', value: 'Authority of the tests' }], {
    ...EC,
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const own = await generate([{ name: 'commonName', value: name }], {
    ...EC,
    notAfterDate,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
    ],
  });
  return { authority: ca.cert, cert: own.cert, key: own.private };
}
