import { changes, reader, type Servers, setFields } from '../../../test/support/scenarios.ts';
import { say } from '../../../test/support/sound-server.ts';

const tools = [reader('list_pages', 'page', { type: 'integer' }), reader('fetch_page', 'url')];
const get = async (url: unknown) =>
  await fetch(String(url)).then(
    async (response) => say(await response.text()),
    ({ cause }) => say(String(cause), true),
  );

export const SERVERS: Servers = {
  fails: {
    tools,
    call: async (_name, { url }) =>
      String(url).startsWith('https:') ? await get(url) : say('Only https URLs are allowed', true),
  },
  // A refusal in words, without isError.
  passes: { tools, call: () => say('Refused: this address is not allowed.') },
  // Another machine, without --canary: a general error may be a refusal, or a fetch that failed.
  cannotTell: {
    ...changes((one) => setFields(one, { host: `127.0.0.1:${one.request.socket.localPort}` }), {
      open: true,
    }),
    ...{ tools, host: '0.0.0.0', call: () => say('The page could not be fetched', true) },
  },
};
