import { changes, respondsOn, type Servers, setFields, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const hasOrigin = ({ request }: Exchange) => request.headers.origin !== undefined;

export const SERVERS: Servers = {
  // Only the older era, which most clients use.
  fails: changes((one) => !one.isModern && hasOrigin(one) && setFields(one, { origin: undefined })),
  // The way in which Express answers an error of the cors package.
  passes: respondsOn(hasOrigin, 500, '{"error":"Not allowed by CORS"}'),
  cannotTell: silentOn(hasOrigin),
};
