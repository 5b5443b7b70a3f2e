import { changes, diesOn, type Servers, SOUND, setFields } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isAlike = ({ request }: Exchange) => request.headers.origin?.includes('127.0.0.1') === true;

export const SERVERS: Servers = {
  fails: changes((one) => isAlike(one) && setFields(one, { origin: undefined })),
  passes: SOUND,
  cannotTell: diesOn(isAlike),
};
