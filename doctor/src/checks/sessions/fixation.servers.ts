import { changes, type Scenario, type Servers, succeed } from '../../../test/support/scenarios.ts';

/** Takes a session ID from the client at initialize, and serves every ID that it took. */
function fixable(): Scenario {
  const taken = new Set<unknown>();
  return {
    before(one) {
      const session = one.request.headers['mcp-session-id'];
      if (one.message.method === 'initialize' && session !== undefined) taken.add(session);
      return taken.has(session) && one.message.method === 'tools/list' ? succeed(one) : false;
    },
    sessions: true,
  };
}

export const SERVERS: Servers = {
  fails: fixable(),
  passes: { sessions: true },
  // Requests succeed without a session, so it protects nothing.
  cannotTell: changes((one) => one.response.setHeader('mcp-session-id', 'x'.repeat(40))),
};
