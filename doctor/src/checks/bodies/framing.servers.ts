import { respondsOn, type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { server: { insecureHTTPParser: true } },
  passes: SOUND,
  // Everything that is not from a client of the doctor's kind is refused, clear or not.
  cannotTell: respondsOn(({ request }) => request.headers['user-agent'] === undefined, 400, '{}'),
};
