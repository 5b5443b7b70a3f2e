import type { Handshake, HandshakeOffer } from '../../handshake.ts';
import type { Probe } from '../../probe.ts';
import { fail, inconclusive, pass, type Verdict } from '../../verdict.ts';

export const agreed = ({ protocol, cipher }: Handshake) => `${protocol} ${cipher}`;

/** Passes if the server refuses every offer. Inconclusive if this machine cannot make the offers. */
export async function refusesOffers(probe: Probe, offers: readonly HandshakeOffer[]): Promise<Verdict> {
  const all = await Promise.all(offers.map((offer) => probe.handshake(offer)));
  const taken = all.filter(({ protocol }) => protocol !== undefined);
  if (taken.length > 0) return fail(`agreed on ${taken.map(agreed).join(', ')}`);
  const notOffered = all.filter(({ failure }) => failure?.startsWith('not offered'));
  if (notOffered.length === all.length) return inconclusive('OpenSSL on this machine cannot make this offer');
  if (all.some(({ failure }) => failure === 'timeout')) return inconclusive('no response in time');
  return pass(`refused (${[...new Set(all.map(({ failure }) => failure))].join(', ')})`);
}
