import type { X509Certificate } from 'node:crypto';
import type { Probe } from '../../probe.ts';
import { Inconclusive, inconclusive } from '../../verdict.ts';

/** The certificate of the server. @throws Inconclusive if it sends none */
export async function presented(
  probe: Probe,
): Promise<{ certificate: X509Certificate; distrust: string | undefined }> {
  const { certificate, distrust, failure } = await probe.handshake();
  if (certificate === undefined)
    throw new Inconclusive(inconclusive(`the server sent no certificate (${failure})`));
  return { certificate, distrust };
}
