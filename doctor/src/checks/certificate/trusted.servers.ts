import { createCertificate } from '../../../test/support/certificates.ts';
import { type Servers, WITHOUT_TLS } from '../../../test/support/scenarios.ts';

const certificate = await createCertificate();

export const SERVERS: Servers = {
  fails: { secure: true, certificate, trusted: false },
  passes: { secure: true },
  cannotTell: WITHOUT_TLS,
};
