import { changes, respondsOn, type Servers, setFields, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const lacks = ({ request, isModern }: Exchange) => isModern && request.headers['mcp-method'] === undefined;

export const SERVERS: Servers = {
  fails: changes((one) => lacks(one) && setFields(one, { 'mcp-method': String(one.message.method) })),
  // Refused, although not with the code of the specification.
  passes: respondsOn(lacks, 403, '{"error":"header"}'),
  cannotTell: silentOn(lacks),
};
