import { respondsOn, type Servers, SOUND, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isBatch = ({ message }: Exchange) => Array.isArray(message);
const results = Array.from({ length: 200 }, (_, id) => ({ jsonrpc: '2.0', id, result: {} }));

export const SERVERS: Servers = {
  // Only the older era.
  fails: respondsOn(
    (one) => isBatch(one) && one.request.headers['mcp-method'] === undefined,
    200,
    JSON.stringify(results),
  ),
  passes: SOUND,
  cannotTell: silentOn(isBatch),
};
