import { createCertificate } from '../../../test/support/certificates.ts';
import { type Servers, WITHOUT_TLS } from '../../../test/support/scenarios.ts';

const certificate = await createCertificate({ rsaBits: 2048 });
const ciphers = 'TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256';

export const SERVERS: Servers = {
  fails: { secure: true, certificate, server: { ciphers } },
  passes: { secure: true, certificate },
  cannotTell: WITHOUT_TLS,
};
