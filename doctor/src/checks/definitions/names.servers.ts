import { reader, type Servers } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: { tools: [reader('read_file', 'name'), reader('Read-File', 'name')] },
  passes: { tools: [reader('read_file', 'name'), reader('read_files', 'name')] },
  cannotTell: { tools: [] },
};
