import { type Scenario, type Servers, SOUND } from '../../../test/support/scenarios.ts';

function counting(): Scenario {
  let sessions = 0;
  return {
    handle({ response, message }) {
      if (message.method === 'initialize')
        response.setHeader('mcp-session-id', String(++sessions).padStart(40, '0'));
      return false;
    },
  };
}

export const SERVERS: Servers = {
  fails: counting(),
  passes: { sessions: true },
  cannotTell: SOUND,
};
