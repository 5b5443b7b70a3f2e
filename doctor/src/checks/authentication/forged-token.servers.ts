import { addToken, bearerOf, changes, type Servers, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isForged = (one: Exchange) => bearerOf(one)?.split('.').length === 3;

export const SERVERS: Servers = {
  // The handshake is open, and a JWT of alg none opens the rest.
  fails: changes((one) => (isForged(one) || one.message.method === 'initialize') && addToken(one)),
  passes: changes((one) => one.message.method === 'initialize' && addToken(one)),
  cannotTell: silentOn(isForged),
};
