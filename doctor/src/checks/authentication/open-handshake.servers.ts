import { addToken, changes, type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: changes((one) => one.message.method === 'initialize' && addToken(one)),
  passes: SOUND,
  cannotTell: { open: true },
};
