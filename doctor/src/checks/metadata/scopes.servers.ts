import { respondsOn, type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { metadata: { scopes_supported: ['add', 'offline_access'] } },
  passes: SOUND,
  cannotTell: respondsOn(({ request }) => request.url !== '/mcp', 404, '{}'),
};
