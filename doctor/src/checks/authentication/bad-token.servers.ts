import {
  addToken,
  bearerOf,
  changes,
  type Servers,
  silentOn,
  WITHOUT_TOKEN,
} from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isMade = (one: Exchange) => /^[\w-]{43}$/.test(bearerOf(one) ?? '');

export const SERVERS: Servers = {
  // Any token opens a session. The doctor has none itself.
  fails: {
    ...changes((one) => isMade(one) && addToken(one), { eras: 'legacy', sessions: true }),
    ...WITHOUT_TOKEN,
  },
  passes: { sessions: true, ...WITHOUT_TOKEN },
  cannotTell: silentOn(isMade),
};
