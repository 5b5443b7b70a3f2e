import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { reader, type Servers } from '../../../test/support/scenarios.ts';
import { say } from '../../../test/support/sound-server.ts';

const tools = [reader('read_document', 'path')];
const options = { inject: true };
function read(path: string) {
  try {
    return say(readFileSync(path, 'utf8'));
  } catch {
    return say('no such document', true);
  }
}

export const SERVERS: Servers = {
  fails: { tools, options, call: (_name, { path }) => read(resolve('/usr/share/doc', String(path))) },
  passes: { tools, options, call: () => say('no such document', true) },
  // Its documents look like the file, also for the harmless name.
  cannotTell: { tools, options, call: () => say('root:x:0:0:root:/root:/bin/sh') },
};
