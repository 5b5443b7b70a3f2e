import { execFileSync } from 'node:child_process';
import { reader, type Servers } from '../../../test/support/scenarios.ts';
import { say } from '../../../test/support/sound-server.ts';

const tools = [reader('ping', 'host')];
const options = { inject: true };

export const SERVERS: Servers = {
  fails: {
    tools,
    options,
    call: (_name, { host }) => say(execFileSync('sh', ['-c', `echo ${host}`]).toString()),
  },
  // It repeats the text, which is no proof.
  passes: { tools, options, call: (_name, { host }) => say(`pong from ${host}`) },
  cannotTell: { tools, options: { inject: true, noTools: true } },
};
