import { respondsOn, type Servers, SOUND, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isNoTool = ({ message }: Exchange) => message.params?.['name'] === 'doctor_no_such_tool';

export const SERVERS: Servers = {
  fails: respondsOn(isNoTool, 500, '{}'),
  passes: SOUND,
  cannotTell: silentOn(isNoTool),
};
