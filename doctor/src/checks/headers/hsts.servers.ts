import { changes, rewriteHead, type Servers, WITHOUT_TLS } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: {
    secure: true,
    ...changes((one) => rewriteHead(one, () => ({ 'strict-transport-security': 'max-age=60' }))),
  },
  passes: { secure: true },
  cannotTell: WITHOUT_TLS,
};
