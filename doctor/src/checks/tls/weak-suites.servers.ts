import { type Servers, WITHOUT_TLS } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { secure: true, server: { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA256' } },
  passes: { secure: true },
  cannotTell: WITHOUT_TLS,
};
