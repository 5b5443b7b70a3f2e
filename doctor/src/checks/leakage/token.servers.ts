import { type Servers, SOUND, WITHOUT_TOKEN } from '../../../test/support/scenarios.ts';
import { type Exchange, json } from '../../../test/support/sound-server.ts';

const isPut = ({ request }: Exchange) => request.method === 'PUT';

export const SERVERS: Servers = {
  fails: {
    before(one) {
      return isPut(one) && json(one.response, 405, { by: one.request.headers.authorization });
    },
  },
  passes: SOUND,
  cannotTell: WITHOUT_TOKEN,
};
