import { reader, type Servers } from '../../../test/support/scenarios.ts';
import { pinOf } from '../../pin.ts';
import { toolsOf } from '../../tool-arguments.ts';

const pinned = (tools: readonly object[]) => ({
  pin: pinOf(
    { tools: toolsOf(tools), prompts: [], resources: [], templates: [], unread: [], instructions: [] },
    (name) => name,
  ),
});
const tools = [reader('note', 'text')];

export const SERVERS: Servers = {
  fails: { tools, options: pinned([reader('note', 'words')]) },
  passes: { tools, options: pinned(tools) },
  cannotTell: { tools },
};
