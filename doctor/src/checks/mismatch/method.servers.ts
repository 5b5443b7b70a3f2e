import { changes, type Servers, SOUND, setFields } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const differs = ({ request, message }: Exchange) =>
  request.headers['mcp-method'] !== undefined && request.headers['mcp-method'] !== message.method;

export const SERVERS: Servers = {
  fails: changes((one) => differs(one) && setFields(one, { 'mcp-method': String(one.message.method) })),
  passes: SOUND,
  cannotTell: { eras: 'legacy' },
};
