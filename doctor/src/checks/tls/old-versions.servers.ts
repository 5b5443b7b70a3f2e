import { createServer } from 'node:https';
import { byFirstBytes, createCertificate } from '../../../test/support/certificates.ts';
import { type Servers, WITHOUT_TLS } from '../../../test/support/scenarios.ts';

const certificate = await createCertificate();
/** The version in a ClientHello is that of TLS 1.2 for TLS 1.3 too. */
const isBeforeTls12 = (bytes: Buffer) => bytes[0] === 0x16 && bytes.readUInt16BE(9) < 0x0303;
const old = createServer({ ...certificate, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });

export const SERVERS: Servers = {
  fails: { secure: true, certificate, accept: (secure) => byFirstBytes(secure, old, isBeforeTls12) },
  passes: { secure: true },
  cannotTell: WITHOUT_TLS,
};
