import { respondsOn, type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { metadata: { resource: 'https://other.example.com/mcp' } },
  passes: SOUND,
  // One page for every path.
  cannotTell: respondsOn(({ request }) => request.url !== '/mcp', 200, '{"page":"welcome"}'),
};
