import { reader, type Servers } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { tools: [reader('run', 'command')] },
  passes: {
    tools: [
      reader('run', 'command', { pattern: '^(?:status|log)$' }),
      reader('fetch', 'url', { format: 'uri' }),
    ],
  },
  cannotTell: { tools: [reader('note', 'text')] },
};
