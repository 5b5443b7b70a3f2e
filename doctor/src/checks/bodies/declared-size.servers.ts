import { type Servers, SOUND, WITHOUT_TOKEN } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  // Megabytes take long while other suites use the machine.
  fails: { maxBodyBytes: 9 * 1024 * 1024, server: { requestTimeout: 30_000 } },
  passes: SOUND,
  cannotTell: WITHOUT_TOKEN,
};
