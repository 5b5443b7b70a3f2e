import type { Check } from '../check.ts';
import type { Handshake, HandshakeOffer } from '../handshake.ts';
import { needTls, type Probe } from '../probe.ts';
import { fail, inconclusive, notApplicable, pass } from '../verdict.ts';

/** RSA key exchange is left to the check of forward secrecy. */
const NO_AEAD = 'DEFAULT:ALL:!AESGCM:!CHACHA20:!AESCCM:!aNULL:!eNULL:!PSK:!SRP:!kRSA@SECLEVEL=0';
const BROKEN = 'aNULL:eNULL:3DES:RC4:DES:EXPORT:MD5@SECLEVEL=0';

const agreed = ({ protocol, cipher }: Handshake) => `${protocol} ${cipher}`;

/** Holds when the server takes nothing of the offer. An offer that this machine cannot make says nothing. */
async function refuses(probe: Probe, offers: readonly HandshakeOffer[]) {
  needTls(probe);
  const all = await Promise.all(offers.map((offer) => probe.handshake(offer)));
  const taken = all.filter(({ protocol }) => protocol !== undefined);
  if (taken.length > 0) return fail(`agreed on ${taken.map(agreed).join(', ')}`);
  const notOffered = all.filter(({ failure }) => failure?.startsWith('not offered'));
  if (notOffered.length === all.length) return inconclusive('this machine’s OpenSSL cannot offer it');
  if (all.some(({ failure }) => failure === 'timeout')) return inconclusive('no answer in time');
  return pass(`refused (${[...new Set(all.map(({ failure }) => failure))].join(', ')})`);
}

export const TLS_CHECKS: readonly Check[] = [
  {
    id: 'tls/encrypted',
    title: 'The endpoint is reached over TLS',
    severity: 'high',
    sends: 'nothing; looks at the URL',
    fix: 'Serve the endpoint over https only; tokens cross the network in clear otherwise',
    reference: 'MCP 2026-07-28 Authorization, Communication Security; RFC 6750 §5.3',
    async run({ target }) {
      if (target.secure) return pass('the URL is https');
      if (target.loopback) return notApplicable('plain HTTP on loopback never leaves this machine');
      return fail('the URL is http');
    },
  },
  {
    id: 'tls/old-versions',
    title: 'TLS 1.0 and 1.1 are refused',
    severity: 'high',
    sends: 'one handshake each that offers nothing newer than TLS 1.0 and TLS 1.1',
    fix: 'Set the minimum to TLS 1.2, e.g. an ELBSecurityPolicy-TLS13-1-2 policy or ssl_protocols TLSv1.2 TLSv1.3',
    reference: 'RFC 8996',
    run: (probe) =>
      refuses(
        probe,
        (['TLSv1', 'TLSv1.1'] as const).map((version) => ({
          minVersion: version,
          maxVersion: version,
          ciphers: 'DEFAULT:ALL@SECLEVEL=0',
        })),
      ),
  },
  {
    id: 'tls/current-version',
    title: 'TLS 1.3 is offered',
    severity: 'low',
    sends: 'one handshake that offers TLS 1.3 only',
    fix: 'Switch TLS 1.3 on',
    reference: 'RFC 9325 §3.1.1',
    async run(probe) {
      needTls(probe);
      const shake = await probe.handshake({ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' });
      return shake.protocol === undefined ? fail(`refused (${shake.failure})`) : pass(agreed(shake));
    },
  },
  {
    id: 'tls/weak-suites',
    title: 'No suite without authenticated encryption (CBC, 3DES, RC4, NULL, anonymous)',
    severity: 'medium',
    sends: 'two TLS 1.2 handshakes that offer such suites only',
    fix: 'Offer AES-GCM and ChaCha20-Poly1305 suites only',
    reference: 'RFC 9325 §4.1, §4.2; RFC 7457',
    run: (probe) =>
      refuses(
        probe,
        [NO_AEAD, BROKEN].map((ciphers) => ({
          minVersion: 'TLSv1.2',
          maxVersion: 'TLSv1.2',
          ciphers,
        })),
      ),
  },
  {
    id: 'tls/forward-secrecy',
    title: 'No suite without forward secrecy (RSA key exchange)',
    severity: 'medium',
    sends: 'one TLS 1.2 handshake that offers RSA key exchange only',
    fix: 'Offer ECDHE suites only',
    reference: 'RFC 9325 §4.1',
    run: (probe) =>
      refuses(probe, [{ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'kRSA:!eNULL@SECLEVEL=0' }]),
  },
];
