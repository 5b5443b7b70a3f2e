import type { Scenario, Servers } from '../../../test/support/scenarios.ts';
import { rpcError } from '../../../test/support/sound-server.ts';

const options = { sessionIdleMs: 300 };
/** Ends sessions that were not used for 100 ms. */
function expiring(): Scenario {
  const used = new Map<unknown, number>();
  return {
    ...{ options, sessions: true },
    handle({ request, response }) {
      const session = request.headers['mcp-session-id'];
      const idle = performance.now() - (used.get(session) ?? performance.now());
      if (session !== undefined) used.set(session, performance.now());
      return idle > 250 && rpcError(response, 1, -32_001, 'session', 404);
    },
  };
}

export const SERVERS: Servers = {
  fails: { options, sessions: true },
  passes: expiring(),
  cannotTell: { sessions: true },
};
