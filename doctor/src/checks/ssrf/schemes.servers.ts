import { readFile } from 'node:fs/promises';
import { reader, type Servers } from '../../../test/support/scenarios.ts';
import { say } from '../../../test/support/sound-server.ts';

const tools = [reader('fetch_page', 'url')];

export const SERVERS: Servers = {
  fails: {
    tools,
    call: async (_name, { url }) =>
      String(url).startsWith('file:')
        ? say(await readFile(new URL(String(url)), 'utf8'))
        : say('no page', true),
  },
  passes: { tools, call: () => say('unsupported scheme', true) },
  // Not read-only, so it is not called.
  cannotTell: { tools: [{ ...tools[0], annotations: {} }] },
};
