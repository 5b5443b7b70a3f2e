import { createCertificate } from '../../../test/support/certificates.ts';
import type { Servers } from '../../../test/support/scenarios.ts';

const [soon, expired] = await Promise.all([
  createCertificate({ daysLeft: 3 }),
  createCertificate({ daysLeft: -3 }),
]);

export const SERVERS: Servers = {
  fails: { secure: true, certificate: soon },
  passes: { secure: true },
  cannotTell: { secure: true, certificate: expired },
};
