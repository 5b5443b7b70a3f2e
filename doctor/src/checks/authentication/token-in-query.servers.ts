import { addToken, changes, type Servers, SOUND, WITHOUT_TOKEN } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isInQuery = ({ request }: Exchange) => request.url?.includes('access_token=') === true;

export const SERVERS: Servers = {
  fails: changes((one) => {
    if (!isInQuery(one)) return;
    one.request.url = '/mcp';
    addToken(one);
  }),
  passes: SOUND,
  cannotTell: WITHOUT_TOKEN,
};
