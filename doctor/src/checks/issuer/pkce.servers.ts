import type { Servers } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { issuer: { metadata: { code_challenge_methods_supported: ['plain'] } } },
  passes: { issuer: {} },
  cannotTell: { issuer: { isSilent: true } },
};
