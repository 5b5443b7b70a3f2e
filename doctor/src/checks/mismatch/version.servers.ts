import { changes, type Servers, SOUND, setFields, silentOn } from '../../../test/support/scenarios.ts';
import { type Exchange, MODERN } from '../../../test/support/sound-server.ts';

const differs = ({ request, isModern }: Exchange) =>
  isModern && request.headers['mcp-protocol-version'] === '2025-11-25';

export const SERVERS: Servers = {
  fails: changes((one) => differs(one) && setFields(one, { 'mcp-protocol-version': MODERN })),
  passes: SOUND,
  cannotTell: silentOn(differs),
};
