import { byFirstBytes } from '../../../test/support/certificates.ts';
import { type Servers, WITHOUT_TLS } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: {
    secure: true,
    plain: (_request, response) => response.end('{}'),
    accept: (secure, plain) => byFirstBytes(secure, plain, (bytes) => bytes[0] !== 0x16),
  },
  passes: { secure: true },
  cannotTell: WITHOUT_TLS,
};
