import { changes, type Servers, SOUND, setFields, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isText = ({ request }: Exchange) => request.headers['content-type'] === 'text/plain';

export const SERVERS: Servers = {
  fails: changes((one) => isText(one) && setFields(one, { 'content-type': 'application/json' }), {
    open: true,
  }),
  passes: SOUND,
  cannotTell: silentOn(isText),
};
