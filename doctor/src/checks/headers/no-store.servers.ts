import { changes, rewriteHead, type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: changes((one) => rewriteHead(one, () => ({ 'cache-control': 'public, max-age=60' }))),
  passes: SOUND,
  cannotTell: { open: true },
};
