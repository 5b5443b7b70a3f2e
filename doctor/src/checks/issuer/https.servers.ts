import { type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { issuer: { metadata: { token_endpoint: 'http://issuer.example.com/token' } } },
  passes: { issuer: {} },
  cannotTell: SOUND,
};
