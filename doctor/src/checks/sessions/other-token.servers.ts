import type { Scenario, Servers } from '../../../test/support/scenarios.ts';
import { rpcError, TOKEN } from '../../../test/support/sound-server.ts';

const tokens = [TOKEN, 'second-token-0123456789'];
const options = { secondToken: tokens[1] };
/** Remembers the token of each session. */
function bound(): Scenario {
  const owners = new Map<unknown, unknown>();
  return {
    ...{ tokens, options, sessions: true },
    handle(one) {
      const { headers } = one.request;
      const { message, response } = one;
      if (message.method === 'initialize')
        owners.set(response.getHeader('mcp-session-id'), headers.authorization);
      const owner = owners.get(headers['mcp-session-id']);
      return (
        owner !== undefined &&
        owner !== headers.authorization &&
        rpcError(response, 1, -32_001, 'session', 404)
      );
    },
  };
}

export const SERVERS: Servers = {
  fails: { tokens, options, sessions: true },
  passes: bound(),
  // The second token opens nothing at all.
  cannotTell: { options, sessions: true },
};
