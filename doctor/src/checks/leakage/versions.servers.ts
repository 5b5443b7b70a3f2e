import { changes, diesOn, type Servers } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: changes(({ response }) => response.setHeader('server', 'nginx/1.18.0')),
  passes: changes(({ response }) => response.setHeader('server', 'nginx')),
  cannotTell: diesOn(({ request }) => request.url === '/console'),
};
