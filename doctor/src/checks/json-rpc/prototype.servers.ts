import { answersOn, type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: answersOn(({ message }) => message.params?.['name'] === 'constructor'),
  passes: SOUND,
  // It calls a tool that does not exist, so a name says nothing.
  cannotTell: answersOn(({ message }) => message.method === 'tools/call'),
};
