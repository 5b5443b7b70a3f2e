import { diesOn, respondsOn, type Servers } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const BOMB = { options: { only: ['bodies/bomb', 'surface/still-answers'] } };
const isBomb = ({ request }: Exchange) => request.headers['content-encoding'] === 'gzip';

export const SERVERS: Servers = {
  fails: { ...diesOn(isBomb), ...BOMB },
  // It answers some requests with 500 before and after.
  passes: respondsOn(({ message }) => message.method === 'ping', 500, '{}'),
  cannotTell: respondsOn(
    () => true,
    400,
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"not ready"}}',
  ),
};
