import { changes, respondsOn, rewriteHead, type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: changes((one) => rewriteHead(one, () => ({ 'access-control-allow-origin': '*' })), { open: true }),
  passes: SOUND,
  cannotTell: respondsOn(
    () => true,
    400,
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"not ready"}}',
  ),
};
