import { type Servers, SOUND, WITHOUT_TOKEN } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { maxBodyBytes: 9 * 1024 * 1024 },
  passes: SOUND,
  cannotTell: WITHOUT_TOKEN,
};
