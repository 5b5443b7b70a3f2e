import { reader, type Servers } from '../../../test/support/scenarios.ts';
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
  // It writes the URL down, so no fetch and no refusal can be seen.
  cannotTell: { tools, call: (_name, { url }) => say(`noted ${url}`) },
};
