import { changes, rewriteHead, type Servers } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: changes((one) => rewriteHead(one, () => ({ 'www-authenticate': undefined }))),
  passes: { sessions: true },
  cannotTell: { open: true },
};
