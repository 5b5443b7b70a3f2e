import { addToken, changes, type Servers, SOUND } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isBare = ({ request: { headers } }: Exchange) =>
  headers.authorization === undefined && headers['mcp-session-id'] !== undefined;

export const SERVERS: Servers = {
  fails: changes((one) => isBare(one) && addToken(one), { sessions: true }),
  passes: { sessions: true },
  cannotTell: SOUND,
};
