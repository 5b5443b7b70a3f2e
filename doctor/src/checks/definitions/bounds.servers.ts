import { reader, type Servers, SOUND } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { tools: [reader('note', 'text', { maxLength: undefined })] },
  passes: {
    tools: [reader('note', 'text'), reader('day', 'date', { maxLength: undefined, format: 'date' })],
  },
  cannotTell: SOUND,
};
