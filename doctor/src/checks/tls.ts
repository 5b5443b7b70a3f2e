import type { Check } from '../check.ts';
import type { Handshake, HandshakeOffer } from '../handshake.ts';
import { needTls, type Probe } from '../probe.ts';
import { fail, inconclusive, notApplicable, pass } from '../verdict.ts';

/** Without RSA key exchange, which tls/forward-secrecy covers. */
const NO_AEAD = 'DEFAULT:ALL:!AESGCM:!CHACHA20:!AESCCM:!aNULL:!eNULL:!PSK:!SRP:!kRSA@SECLEVEL=0';
const BROKEN = 'aNULL:eNULL:3DES:RC4:DES:EXPORT:MD5@SECLEVEL=0';

const agreed = ({ protocol, cipher }: Handshake) => `${protocol} ${cipher}`;

/** Passes if the server refuses every offer. Inconclusive if this machine cannot make the offers. */
async function refuses(probe: Probe, offers: readonly HandshakeOffer[]) {
  needTls(probe);
  const all = await Promise.all(offers.map((offer) => probe.handshake(offer)));
  const taken = all.filter(({ protocol }) => protocol !== undefined);
  if (taken.length > 0) return fail(`agreed on ${taken.map(agreed).join(', ')}`);
  const notOffered = all.filter(({ failure }) => failure?.startsWith('not offered'));
  if (notOffered.length === all.length) return inconclusive('OpenSSL on this machine cannot make this offer');
  if (all.some(({ failure }) => failure === 'timeout')) return inconclusive('no response in time');
  return pass(`refused (${[...new Set(all.map(({ failure }) => failure))].join(', ')})`);
}

export const TLS_CHECKS: readonly Check[] = [
  {
    id: 'tls/encrypted',
    title: 'The endpoint uses TLS',
    severity: 'high',
    sends: 'nothing; reads the URL',
    fix: 'Serve the endpoint over https only; otherwise tokens cross the network unencrypted',
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
    sends: 'one handshake that offers only TLS 1.0, and one that offers only TLS 1.1',
    fix: 'Set the minimum version to TLS 1.2, for example with an ELBSecurityPolicy-TLS13-1-2 policy or ssl_protocols TLSv1.2 TLSv1.3',
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
    title: 'TLS 1.3 is supported',
    severity: 'low',
    sends: 'one handshake that offers only TLS 1.3',
    fix: 'Enable TLS 1.3',
    reference: 'RFC 9325 §3.1.1',
    async run(probe) {
      needTls(probe);
      const shake = await probe.handshake({ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' });
      return shake.protocol === undefined ? fail(`refused (${shake.failure})`) : pass(agreed(shake));
    },
  },
  {
    id: 'tls/weak-suites',
    title: 'Cipher suites without authenticated encryption are refused (CBC, 3DES, RC4, NULL, anonymous)',
    severity: 'medium',
    sends: 'two TLS 1.2 handshakes that offer only such suites',
    fix: 'Allow only AES-GCM and ChaCha20-Poly1305 suites',
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
    title: 'Cipher suites without forward secrecy are refused (RSA key exchange)',
    severity: 'medium',
    sends: 'one TLS 1.2 handshake that offers only RSA key exchange',
    fix: 'Allow only ECDHE suites',
    reference: 'RFC 9325 §4.1',
    run: (probe) =>
      refuses(probe, [{ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'kRSA:!eNULL@SECLEVEL=0' }]),
  },
];
