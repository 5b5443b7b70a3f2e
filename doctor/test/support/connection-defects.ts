import { createServer as createHttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { type CertificateOptions, createCertificate } from './certificates.ts';
import type { Defect, Defects } from './defects.ts';
import { answer, rewriteHead } from './tamper.ts';

const withCertificate =
  (options: CertificateOptions, more: Defect = {}) =>
  async (): Promise<Defect> => ({ certificate: await createCertificate(options), ...more });

/** Selects the server for a connection by its first bytes. */
function byFirstBytes(usual: Server, other: Server, isForOther: (bytes: Buffer) => boolean) {
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

/** Reads the version in a ClientHello, which is TLS 1.2 for TLS 1.3 too. */
const isBeforeTls12 = (bytes: Buffer) => bytes[0] === 0x16 && bytes.readUInt16BE(9) < 0x0303;

export const CONNECTION_DEFECTS: Defects = {
  'tls/old-versions': async () => {
    const certificate = await createCertificate();
    const old = createHttpsServer({ ...certificate, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
    return { certificate, accept: (secure) => byFirstBytes(secure, old, isBeforeTls12) };
  },
  'tls/current-version': { server: { maxVersion: 'TLSv1.2' } },
  'tls/weak-suites': { server: { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA256' } },
  'tls/forward-secrecy': withCertificate(
    { rsaBits: 2048 },
    { server: { ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256' } },
  ),
  'certificate/trusted': withCertificate({}, { trusted: false }),
  'certificate/name': withCertificate({ ip: '127.0.0.2' }),
  'certificate/validity': withCertificate({ daysLeft: -3 }),
  'certificate/renewal': withCertificate({ daysLeft: 3 }),
  'certificate/strength': withCertificate(
    { rsaBits: 1024 },
    { server: { ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256@SECLEVEL=0' } },
  ),
  'plain-http/port': { plain: (_request, response) => response.end('welcome') },
  'plain-http/tls-port': {
    plain: (request, response) =>
      request.method === 'GET' || request.headers.host?.includes(String(request.socket.localPort))
        ? response.writeHead(308, { location: `https://${request.headers.host}/mcp` }).end()
        : response.end(),
    accept: (secure, plain) => byFirstBytes(secure, plain, (bytes) => bytes[0] !== 0x16),
  },
  'headers/hsts': { withoutEdgeHeaders: ['strict-transport-security'] },
  'headers/nosniff': {
    front(_request, response, next) {
      rewriteHead(response, () => ({ 'x-content-type-options': undefined }));
      next();
    },
  },
  'headers/no-store': {
    front(_request, response, next) {
      rewriteHead(response, () => ({ 'cache-control': 'public, max-age=60' }));
      next();
    },
  },
  'headers/active-content': {
    withoutEdgeHeaders: ['content-security-policy'],
    front(request, response, next) {
      if (request.url !== '/console') next();
      else answer(response, 404, '<p>no console</p>', 'text/html');
    },
  },
};
