import { respondsOn, type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { server: { headersTimeout: 0, requestTimeout: 0 } },
  passes: SOUND,
  cannotTell: respondsOn(
    () => true,
    400,
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"not ready"}}',
  ),
};
