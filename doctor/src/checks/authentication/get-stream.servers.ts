import { type Servers, SOUND, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isGet = ({ request: { method, url } }: Exchange) => method === 'GET' && url === '/mcp';

export const SERVERS: Servers = {
  fails: {
    before(one) {
      if (!isGet(one)) return false;
      one.response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
      return true;
    },
  },
  passes: SOUND,
  cannotTell: silentOn(isGet),
};
