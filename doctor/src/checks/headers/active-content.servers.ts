import { diesOn, respondsOn, type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: respondsOn(({ request }) => request.url === '/console', 404, '<p>no console</p>', 'text/html'),
  passes: SOUND,
  cannotTell: diesOn(({ request }) => request.url === '/console'),
};
