import { addToken, changes, respondsOn, type Servers } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isAnswered = ({ request, message }: Exchange) =>
  request.headers.authorization === undefined &&
  ['tools/call', 'initialize'].includes(String(message.method));

export const SERVERS: Servers = {
  // Only one method needs no token.
  fails: changes((one) => isAnswered(one) && addToken(one)),
  // The handshake is open, as in many hosted servers. That is another check.
  passes: changes((one) => one.message.method === 'initialize' && addToken(one), { eras: 'legacy' }),
  cannotTell: respondsOn(
    () => true,
    400,
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"not ready"}}',
  ),
};
