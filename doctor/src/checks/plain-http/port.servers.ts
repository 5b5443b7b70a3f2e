import type { Servers } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { secure: true, plain: (_request, response) => response.end('welcome') },
  passes: { secure: true },
  // Neither port 443 nor --http-port.
  cannotTell: { secure: true, options: { httpPort: undefined } },
};
