import { answersOn, type Servers, SOUND, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isInvalid = ({ body }: Exchange) => body.includes(0xff);

export const SERVERS: Servers = {
  fails: answersOn(isInvalid),
  passes: SOUND,
  cannotTell: silentOn(isInvalid),
};
