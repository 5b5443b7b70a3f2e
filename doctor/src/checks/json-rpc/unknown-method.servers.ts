import { diesOn, respondsOn, type Servers, SOUND } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isUnknown = ({ message }: Exchange) => message.method === 'doctor/unknown';

export const SERVERS: Servers = {
  fails: respondsOn(isUnknown, 404, '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"no"}}'),
  passes: SOUND,
  cannotTell: diesOn(isUnknown),
};
