import { diesOn, respondsOn, type Servers } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: respondsOn(
    ({ request }) => request.method === 'PUT' && request.url === '/mcp',
    200,
    '{"stored":true}',
  ),
  // One page for every method and every other path.
  passes: respondsOn(({ request }) => request.method !== 'POST', 200, '<h1>Welcome</h1>', 'text/html'),
  cannotTell: diesOn(({ request }) => request.method === 'TRACE'),
};
