import { changes, respondsOn, rewriteHead, type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: changes((one) => rewriteHead(one, () => ({ 'x-content-type-options': undefined }))),
  passes: SOUND,
  // A server that is down: neither a result nor a refusal.
  cannotTell: respondsOn(
    () => true,
    400,
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"not ready"}}',
  ),
};
