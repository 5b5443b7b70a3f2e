import { type Servers, WITHOUT_TOKEN } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { eras: 'legacy' },
  passes: { eras: 'modern' },
  cannotTell: WITHOUT_TOKEN,
};
