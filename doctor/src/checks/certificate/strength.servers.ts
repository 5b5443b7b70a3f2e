import { createCertificate } from '../../../test/support/certificates.ts';
import { type Servers, WITHOUT_TLS } from '../../../test/support/scenarios.ts';

const certificate = await createCertificate({ rsaBits: 1024 });
const ciphers = 'TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256@SECLEVEL=0';

export const SERVERS: Servers = {
  fails: { secure: true, certificate, server: { ciphers } },
  passes: { secure: true },
  cannotTell: WITHOUT_TLS,
};
