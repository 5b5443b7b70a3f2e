import { respondsOn, type Servers } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isEnd = ({ request }: Exchange) =>
  request.method === 'DELETE' && request.headers['mcp-session-id'] !== undefined;

export const SERVERS: Servers = {
  fails: { ...respondsOn(isEnd, 200, '{}'), sessions: true },
  passes: { sessions: true },
  cannotTell: { ...respondsOn(isEnd, 405, '{}'), sessions: true },
};
