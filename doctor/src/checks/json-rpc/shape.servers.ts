import { answersOn, type Servers, SOUND, silentOn } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: answersOn(({ message }) => message['id'] === null),
  passes: SOUND,
  cannotTell: silentOn(({ message }) => message['id'] === null),
};
