import { type Servers, WITHOUT_TLS } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { secure: true, server: { maxVersion: 'TLSv1.2' } },
  passes: { secure: true },
  cannotTell: WITHOUT_TLS,
};
