import { respondsOn, type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { metadata: { authorization_servers: [] } },
  passes: SOUND,
  cannotTell: respondsOn(({ request }) => request.url !== '/mcp', 404, '{}'),
};
