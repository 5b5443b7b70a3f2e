import { addToken, changes, type Servers, SOUND, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isUpper = ({ request }: Exchange) => request.url === '/MCP';

export const SERVERS: Servers = {
  fails: changes((one) => {
    if (!isUpper(one)) return;
    one.request.url = '/mcp';
    addToken(one);
  }),
  passes: SOUND,
  cannotTell: silentOn(isUpper),
};
