import { answersOn, type Servers, SOUND, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isTwice = ({ request }: Exchange) => request.rawHeaders.filter((name) => name === 'Host').length > 1;

export const SERVERS: Servers = {
  fails: answersOn(isTwice),
  passes: SOUND,
  cannotTell: silentOn(isTwice),
};
