import { respondsOn, type Servers, silentOn } from '../../../test/support/scenarios.ts';
import type { Exchange } from '../../../test/support/sound-server.ts';

const isBomb = ({ request }: Exchange) => request.headers['content-encoding'] === 'gzip';

export const SERVERS: Servers = {
  fails: { maxBodyBytes: 99 * 1024 * 1024, inflates: true, server: { requestTimeout: 30_000 } },
  passes: respondsOn(isBomb, 500, '{}'),
  cannotTell: silentOn(isBomb),
};
