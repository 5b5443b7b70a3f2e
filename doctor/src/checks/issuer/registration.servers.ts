import type { Servers } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { issuer: { registration: [400, 'invalid_redirect_uri'] } },
  passes: { issuer: {} },
  // Another host, which gets no request.
  cannotTell: { issuer: { metadata: { registration_endpoint: 'https://other.example.com/register' } } },
};
