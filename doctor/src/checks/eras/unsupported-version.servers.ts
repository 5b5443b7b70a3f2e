import { changes, type Servers, SOUND, setFields, silentOn } from '../../../test/support/scenarios.ts';
import { type Exchange, MODERN } from '../../../test/support/sound-server.ts';

const isOld = ({ request }: Exchange) => request.headers['mcp-protocol-version'] === '1999-01-01';

export const SERVERS: Servers = {
  fails: changes(
    (one) => isOld(one) && setFields(one, { 'mcp-protocol-version': one.isModern ? MODERN : undefined }),
  ),
  passes: SOUND,
  cannotTell: silentOn(isOld),
};
