import { changes, type Servers, SOUND, setFields, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const OTHER = 'doctor_other';
const differs = ({ request }: Exchange) => request.headers['mcp-name'] === OTHER;

export const SERVERS: Servers = {
  fails: changes(
    (one) => differs(one) && setFields(one, { 'mcp-name': String(one.message.params?.['name']) }),
  ),
  passes: SOUND,
  cannotTell: silentOn(differs),
};
