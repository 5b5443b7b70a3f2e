import { bearerOf, type Scenario, type Servers } from '../../../test/support/scenarios.ts';
import { json } from '../../../test/support/sound-server.ts';

function limited(): Scenario {
  let guesses = 0;
  return {
    options: { rateTest: 40 },
    before(one) {
      if (/^[\w-]{43}$/.test(bearerOf(one) ?? '')) guesses += 1;
      return guesses > 20 && json(one.response, 429, {}, { 'retry-after': '60' });
    },
  };
}

export const SERVERS: Servers = {
  fails: { options: { rateTest: 16 } },
  passes: limited(),
  cannotTell: { open: true, options: { rateTest: 16 } },
};
