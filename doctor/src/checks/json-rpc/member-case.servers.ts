import { answersOn, type Servers, SOUND, silentOn } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: answersOn(({ message }) => message['METHOD'] !== undefined),
  passes: SOUND,
  cannotTell: silentOn(({ message }) => message['METHOD'] !== undefined),
};
