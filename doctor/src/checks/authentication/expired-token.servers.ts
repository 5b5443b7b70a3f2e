import { addToken, bearerOf, changes, type Servers, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const options = { expiredToken: 'expired-token-0123456789' };
const isExpired = (one: Exchange) => bearerOf(one) === options.expiredToken;

export const SERVERS: Servers = {
  fails: changes((one) => isExpired(one) && addToken(one), { options }),
  passes: { options },
  cannotTell: silentOn(isExpired, { options }),
};
