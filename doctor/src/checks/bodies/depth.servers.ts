import { respondsOn, type Servers, SOUND } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isDeep = ({ body }: Exchange) => body.includes('[[[[[[[[');

export const SERVERS: Servers = {
  fails: respondsOn(isDeep, 500, '{}'),
  passes: SOUND,
  // A worker of several ends.
  cannotTell: {
    before(one) {
      if (isDeep(one)) one.response.destroy();
      return isDeep(one);
    },
  },
};
