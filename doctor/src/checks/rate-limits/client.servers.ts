import { type Scenario, type Servers, SOUND } from '../../../test/support/scenarios.ts';
import { json } from '../../../test/support/sound-server.ts';

function limited(): Scenario {
  let lists = 0;
  return {
    options: { rateTest: 40 },
    before({ request, response }) {
      if (request.headers.authorization !== undefined) lists += 1;
      return lists > 30 && json(response, 429, {}, { 'retry-after': '60' });
    },
  };
}

export const SERVERS: Servers = {
  fails: { options: { rateTest: 16 } },
  passes: limited(),
  cannotTell: SOUND,
};
