import { answersOn, type Servers, SOUND } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isNamed = ({ request, message }: Exchange) =>
  request.headers['mcp-session-id'] !== undefined && message.method === 'tools/list';

export const SERVERS: Servers = {
  fails: answersOn(isNamed, { sessions: true }),
  passes: { sessions: true },
  cannotTell: SOUND,
};
