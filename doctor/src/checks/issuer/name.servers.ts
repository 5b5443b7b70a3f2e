import type { Servers } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { issuer: { metadata: { issuer: 'https://other.example.com' } } },
  passes: { issuer: {} },
  cannotTell: { issuer: { isSilent: true } },
};
