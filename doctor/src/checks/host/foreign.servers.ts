import { changes, type Servers, setFields, WITHOUT_TOKEN } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isForeign = ({ request }: Exchange) => request.headers.host === 'attacker.example';
const own = (one: Exchange) => `127.0.0.1:${one.request.socket.localPort}`;

export const SERVERS: Servers = {
  fails: changes((one) => isForeign(one) && setFields(one, { host: own(one) })),
  // A redirect to the canonical name is a refusal.
  passes: {
    before(one) {
      if (!isForeign(one)) return false;
      one.response.writeHead(308, { location: `http://${own(one)}/mcp` }).end();
      return true;
    },
  },
  cannotTell: WITHOUT_TOKEN,
};
