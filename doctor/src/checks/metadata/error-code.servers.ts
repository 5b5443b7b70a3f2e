import { changes, rewriteHead, type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: changes((one) =>
    rewriteHead(one, ({ 'www-authenticate': value }) =>
      value === undefined ? {} : { 'www-authenticate': `${value}, error="invalid_token"` },
    ),
  ),
  passes: SOUND,
  cannotTell: changes((one) => rewriteHead(one, () => ({ 'www-authenticate': undefined }))),
};
