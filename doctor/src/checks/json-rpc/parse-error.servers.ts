import { respondsOn, type Servers, SOUND, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isHalf = ({ body }: Exchange) => body.toString() === '{"jsonrpc":"2.0","id":1,';

export const SERVERS: Servers = {
  fails: respondsOn(isHalf, 400, '{"error":"bad request"}'),
  passes: SOUND,
  cannotTell: silentOn(isHalf),
};
