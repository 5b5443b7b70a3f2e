import { respondsOn, type Servers, silentOn } from '../../../test/support/scenarios.ts';
import { type Exchange, json } from '../../../test/support/sound-server.ts';

const isStream = ({ request }: Exchange) => request.url === '/sse';

export const SERVERS: Servers = {
  fails: {
    before(one) {
      if (one.request.url?.startsWith('/message')) return json(one.response, 202, {});
      if (!isStream(one)) return false;
      one.response.writeHead(200, { 'content-type': 'text/event-stream' });
      one.response.write(': welcome\n\nevent: endpoint\ndata: /message?sessionId=1\n\n');
      return true;
    },
  },
  // A stream of another kind.
  passes: respondsOn(isStream, 200, 'event: tick\ndata: 1\n\n', 'text/event-stream'),
  cannotTell: silentOn(isStream),
};
