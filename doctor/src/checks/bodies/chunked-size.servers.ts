import { type Servers, SOUND, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isChunked = ({ request }: Exchange) => request.headers['transfer-encoding'] === 'chunked';

export const SERVERS: Servers = {
  fails: { maxBodyBytes: 9 * 1024 * 1024, server: { requestTimeout: 30_000 } },
  passes: SOUND,
  cannotTell: { ...silentOn(isChunked), maxBodyBytes: 9 * 1024 * 1024, server: { requestTimeout: 30_000 } },
};
